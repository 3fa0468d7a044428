namespace SemanticSam.Checkpoints;

/// <summary>A .safetensors file, memory-mapped; the header is validated completely when it is opened.</summary>
internal sealed class SafetensorsFile : CheckpointBase
{
    private readonly MappedFile _file;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header) : base(file.Path, CheckpointFormat.Safetensors)
    {
        _file = file;
        Metadata = header.Metadata;
        foreach (var entry in header.Entries)
            TryAdd(new CheckpointTensor(entry.Name, entry.DType, entry.Shape, new SourceRange(file, header.DataStart + entry.Begin, entry.End - entry.Begin)));
    }

    /// <summary>Opens and validates a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">It is not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path) => Open(MappedFile.Open(path));

    /// <summary>Takes over the mapping, also when it throws.</summary>
    internal static SafetensorsFile Open(MappedFile file)
    {
        try
        {
            return new SafetensorsFile(file, SafetensorsHeader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void Dispose() => _file.Dispose();
}
