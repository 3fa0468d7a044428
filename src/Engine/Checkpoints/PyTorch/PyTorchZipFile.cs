namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>What <c>torch.save</c> (since 1.6) or <c>torch.jit.save</c> wrote: a zip archive with data.pkl and one entry a storage.</summary>
internal sealed class PyTorchZipFile : CheckpointBase
{
    private const string PickleName = "/data.pkl";

    private readonly MappedFile _file;

    private PyTorchZipFile(MappedFile file, ZipDirectory zip, string folder, bool script)
        : base(file.Path, script ? CheckpointFormat.TorchScript : CheckpointFormat.PyTorchZip)
    {
        _file = file;
        CheckByteOrder(zip, folder);
        var pickle = zip.Entries[folder + PickleName];
        if (pickle.Size > PickleLimits.MaxPickleBytes)
            throw new CheckpointException(file.Path, $"data.pkl has {pickle.Size} bytes; at most {PickleLimits.MaxPickleBytes} are allowed.",
                pickle.DataOffset);
        var input = new PickleInput(file.Path, zip.Open(pickle), 0, pickle.Method == 0 ? pickle.DataOffset : null);
        var reductions = new PickleReductions(input, script, maxTensorBytes: file.Length + (1 << 20));
        object? root = new PickleMachine(input, reductions).Read();
        if (script && root is not PickleModule) throw new CheckpointException(file.Path, "the root of a TorchScript archive is not a module.");
        Locate(zip, folder, reductions.Storages.Values);
        var tree = new PickleTree(file.Path, file.Length);
        tree.Walk(root, script ? '.' : '/');
        Metadata = tree.Plain;
        foreach (var tensor in tree.Tensors)
            if (!TryAdd(tensor)) throw new CheckpointException(file.Path, $"two tensors have the path '{tensor.Name}'.");
    }

    /// <summary>Takes over the mapping, also when it throws.</summary>
    public static PyTorchZipFile Open(MappedFile file)
    {
        try
        {
            var zip = ZipDirectory.Read(file);
            var pickles = zip.Entries.Keys.Where(n => n.EndsWith(PickleName, StringComparison.Ordinal) && n.IndexOf('/') == n.Length - PickleName.Length)
                .ToList();
            if (pickles is not [string only])
                throw new CheckpointException(file.Path,
                    $"a zip archive with {pickles.Count} entries <folder>/data.pkl, where a PyTorch checkpoint has exactly one.");
            string folder = only[..^PickleName.Length];
            bool script = zip.Entries.ContainsKey($"{folder}/constants.pkl")
                || zip.Entries.Keys.Any(n => n.StartsWith($"{folder}/code/", StringComparison.Ordinal));
            return new PyTorchZipFile(file, zip, folder, script);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void CheckByteOrder(ZipDirectory zip, string folder)
    {
        if (!zip.Entries.TryGetValue($"{folder}/byteorder", out var entry)) return;
        bool little = entry.Size == 6;
        if (little)
        {
            using var lease = zip.Open(entry).Lease(0, 6);
            little = lease.Span.SequenceEqual("little"u8);
        }
        if (!little) throw new CheckpointException(_file.Path, "the entry byteorder is not 'little'; only little-endian files are read.", entry.DataOffset);
    }

    /// <summary>Finds the entry of every storage and checks that it holds what the pickle claims.</summary>
    private void Locate(ZipDirectory zip, string folder, IEnumerable<PickleStorage> storages)
    {
        long inflated = 0, allowed = _file.Length * 16 + (16 << 20);
        foreach (var storage in storages)
        {
            if (!zip.Entries.TryGetValue($"{folder}/data/{storage.Key}", out var entry))
                throw new CheckpointException(_file.Path, $"the archive has no entry {folder}/data/{storage.Key}, whose tensors the pickle names.");
            if (entry.Size < storage.ByteCount)
                throw new CheckpointException(_file.Path,
                    $"storage {storage.Key} is said to have {storage.Elements} elements of {storage.DType.Code()} ({storage.ByteCount} bytes), its entry " +
                    $"holds {entry.Size} bytes.", entry.DataOffset);
            if (entry.Method != 0 && (entry.Size > int.MaxValue || (inflated += entry.Size) > allowed))
                throw new CheckpointException(_file.Path, $"packed storages would unpack to more than {allowed} bytes, 16 times the file.", entry.DataOffset);
            storage.Bytes = zip.Open(entry);
        }
    }

    public override void Dispose() => _file.Dispose();
}
