namespace SemanticSam.Engine.Checkpoints.Safetensors;

/// <summary>A .safetensors file, memory-mapped or in memory; the header is validated completely when it is opened.</summary>
internal sealed class SafetensorsFile : CheckpointBase
{
    private readonly MappedFile? _file;

    private SafetensorsFile(ByteSource bytes, string path, SafetensorsHeader header) : base(path, CheckpointFormat.Safetensors)
    {
        _file = bytes as MappedFile;
        Metadata = header.Metadata;
        foreach (var entry in header.Entries)
            TryAdd(new CheckpointTensor(entry.Name, entry.DType, entry.Shape, new SourceRange(bytes, header.DataStart + entry.Begin, entry.End - entry.Begin)));
    }

    /// <summary>Opens and validates a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">It is not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path) => Open(MappedFile.Open(path));

    /// <summary>Validates a file that is in memory already, such as an embedded resource.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="path">What it is called in messages.</param>
    /// <exception cref="CheckpointException">It is not a valid safetensors file.</exception>
    public static SafetensorsFile Open(ReadOnlyMemory<byte> bytes, string path)
    {
        var source = new MemorySource(bytes);
        return new SafetensorsFile(source, path, SafetensorsHeader.Read(source, path));
    }

    /// <summary>Takes over the mapping, also when it throws.</summary>
    internal static SafetensorsFile Open(MappedFile file)
    {
        try
        {
            return new SafetensorsFile(file, file.Path, SafetensorsHeader.Read(file, file.Path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void Dispose() => _file?.Dispose();
}
