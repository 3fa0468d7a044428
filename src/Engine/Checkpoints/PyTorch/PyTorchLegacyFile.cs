using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>What <c>torch.save</c> wrote before 1.6: five pickles (magic number, protocol, system, object, storage keys), then the storages.</summary>
internal sealed class PyTorchLegacyFile : CheckpointBase
{
    private const long Protocol = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("01950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static readonly byte[] Digits = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"L{Magic}L\n"));

    private readonly MappedFile _file;

    /// <summary>The first bytes: a pickle of any protocol that holds the magic number, from 4 on in a frame, before 2 in digits.</summary>
    public static bool Recognize(MappedFile file)
    {
        const int longest = 32, frame = 9;
        if (file.Length < 14) return false;
        using var lease = file.Lease(0, (int)Math.Min(file.Length, longest));
        var head = lease.Span;
        if (head.StartsWith(Digits)) return true;
        if (head[0] != 0x80) return false;
        head = head[2..];
        if (head[0] == 0x95 && head.Length > frame) head = head[frame..];
        return head.Length >= 12 && head[0] == 0x8A && head[1] == 10 && new BigInteger(head.Slice(2, 10)) == Magic;
    }

    private PyTorchLegacyFile(MappedFile file) : base(file.Path, CheckpointFormat.PyTorchLegacy)
    {
        _file = file;
        var input = new PickleInput(file.Path, file, 0, 0);
        var reductions = new PickleReductions(input, torchScript: false, maxTensorBytes: file.Length + (1 << 20));
        object? Next() => new PickleMachine(input, reductions).Read();

        if (Next() is not BigInteger magic || magic != Magic) throw input.Bad("the magic number of a PyTorch file is missing.");
        if (Next() is not Protocol) throw input.Bad($"not the protocol {Protocol} of PyTorch's legacy files.");
        if (Next() is not PickleDict system) throw input.Bad("the description of the writing system is missing.");
        if (!system.TryGet("little_endian", out object? little) || little is not true)
            throw input.Bad("the file is not marked little-endian; only such files are read.");
        object? root = Next();
        if (Next() is not PickleList { IsTuple: false } keys) throw input.Bad("the list of storages is missing.");
        Locate(input, keys, reductions.Storages);
        var tree = new PickleTree(file.Path, file.Length);
        tree.Walk(root, '/');
        Metadata = tree.Plain;
        foreach (var tensor in tree.Tensors)
            if (!TryAdd(tensor)) throw new CheckpointException(file.Path, $"two tensors have the path '{tensor.Name}'.");
    }

    /// <summary>Takes over the mapping, also when it throws.</summary>
    public static PyTorchLegacyFile Open(MappedFile file)
    {
        try
        {
            return new PyTorchLegacyFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>After the pickles, in the order of the keys: an 8-byte element count and the data.</summary>
    private void Locate(PickleInput input, PickleList keys, Dictionary<string, PickleStorage> storages)
    {
        long at = input.Position;
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !storages.TryGetValue(key, out var storage))
                throw new CheckpointException(_file.Path, "the list of storages names one that no tensor uses.", at);
            if (storage.Bytes is not null) throw new CheckpointException(_file.Path, $"storage {key} stands twice in the list.", at);
            if (_file.Length - at < 8) throw new CheckpointException(_file.Path, $"the file is cut off before storage {key}.", at);
            long count = BinaryPrimitives.ReadInt64LittleEndian(_file.Copy(at, 8));
            at += 8;
            if (count != storage.Elements)
                throw new CheckpointException(_file.Path, $"storage {key} has {count} elements, the pickle claims {storage.Elements}.", at);
            if (storage.ByteCount > _file.Length - at)
                throw new CheckpointException(_file.Path,
                    $"the file is cut off inside storage {key}: {storage.ByteCount} bytes are needed, {_file.Length - at} are left.", at);
            storage.Bytes = new SourceRange(_file, at, storage.ByteCount);
            at += storage.ByteCount;
        }
        if (storages.Values.FirstOrDefault(s => s.Bytes is null) is { } missing)
            throw new CheckpointException(_file.Path, $"storage {missing.Key} is not in the list of storages.", at);
        if (at != _file.Length) throw new CheckpointException(_file.Path, $"{_file.Length - at} bytes follow the last storage.", at);
    }

    public override void Dispose() => _file.Dispose();
}
