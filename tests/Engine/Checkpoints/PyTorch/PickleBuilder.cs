using System.Buffers.Binary;
using System.Text;

namespace SemanticSam.Tests.Engine.Checkpoints.PyTorch;

/// <summary>Writes pickles opcode by opcode, honest and dishonest ones.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [0x80, 2];

    public byte[] Bytes => [.. _bytes, (byte)'.'];

    public PickleBuilder Op(params ReadOnlySpan<byte> opcodes)
    {
        _bytes.AddRange(opcodes);
        return this;
    }

    public PickleBuilder Op(char opcode) => Op((byte)opcode);

    public PickleBuilder Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Op((byte)'X').Op(BitConverter.GetBytes(utf8.Length)).Op(utf8);
    }

    public PickleBuilder Global(string module, string name) => Op((byte)'c').Op(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder Int(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Op(0x8A, 8).Op(bytes);
    }

    /// <summary>A float tensor on a storage.</summary>
    public PickleBuilder Tensor(string key, long elements, long offset, long[] shape, long[] strides, string storage = "FloatStorage")
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(');
        Op('(').Text("storage").Global("torch", storage).Text(key).Text("cpu").Int(elements).Op('t').Op('Q');
        Int(offset).Op('(');
        foreach (long size in shape) Int(size);
        Op('t').Op('(');
        foreach (long stride in strides) Int(stride);
        return Op('t').Op(0x89).Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');
    }
}

/// <summary>Writes zip archives entry by entry, with zip64 records where told.</summary>
internal sealed class ZipBuilder(bool zip64 = false)
{
    private readonly MemoryStream _file = new();
    private readonly MemoryStream _directory = new();
    private int _count;

    public ushort Flags { get; init; }

    public ZipBuilder Add(string name, byte[] content, byte[]? deflated = null, long? claimedSize = null, long? at = null)
    {
        byte[] data = deflated ?? content, path = Encoding.UTF8.GetBytes(name);
        ushort method = (ushort)(deflated is null ? 0 : 8);
        long local = at ?? _file.Length, size = claimedSize ?? content.Length;
        if (at is null)
        {
            using var writer = new BinaryWriter(_file, Encoding.UTF8, leaveOpen: true);
            writer.Write(0x04034B50);
            writer.Write((ushort)45);
            writer.Write(Flags);
            writer.Write(method);
            writer.Write(0);
            writer.Write(0);
            writer.Write((uint)data.Length);
            writer.Write((uint)size);
            writer.Write((ushort)path.Length);
            writer.Write((ushort)0);
            writer.Write(path);
            writer.Write(data);
        }
        using var central = new BinaryWriter(_directory, Encoding.UTF8, leaveOpen: true);
        central.Write(0x02014B50);
        central.Write(0);
        central.Write(Flags);
        central.Write(method);
        central.Write(0);
        central.Write(0);
        central.Write(zip64 ? uint.MaxValue : (uint)data.Length);
        central.Write(zip64 ? uint.MaxValue : (uint)size);
        central.Write((ushort)path.Length);
        central.Write((ushort)(zip64 ? 28 : 0));
        central.Write((ushort)0);
        central.Write(0);
        central.Write(0);
        central.Write(zip64 ? uint.MaxValue : (uint)local);
        central.Write(path);
        if (zip64)
        {
            central.Write((ushort)1);
            central.Write((ushort)24);
            central.Write(size);
            central.Write((long)data.Length);
            central.Write(local);
        }
        _count++;
        return this;
    }

    public byte[] Build()
    {
        long start = _file.Length;
        _file.Write(_directory.ToArray());
        using var writer = new BinaryWriter(_file, Encoding.UTF8, leaveOpen: true);
        if (zip64)
        {
            long record = _file.Length;
            writer.Write(0x06064B50);
            writer.Write(44L);
            writer.Write((ushort)45);
            writer.Write((ushort)45);
            writer.Write(0);
            writer.Write(0);
            writer.Write((long)_count);
            writer.Write((long)_count);
            writer.Write(_directory.Length);
            writer.Write(start);
            writer.Write(0x07064B50);
            writer.Write(0);
            writer.Write(record);
            writer.Write(1);
        }
        writer.Write(0x06054B50);
        writer.Write(0);
        writer.Write(zip64 ? ushort.MaxValue : (ushort)_count);
        writer.Write(zip64 ? ushort.MaxValue : (ushort)_count);
        writer.Write(zip64 ? uint.MaxValue : (uint)_directory.Length);
        writer.Write(zip64 ? uint.MaxValue : (uint)start);
        writer.Write((ushort)0);
        return _file.ToArray();
    }
}
