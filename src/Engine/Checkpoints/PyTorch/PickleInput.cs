using System.Buffers.Binary;
using System.Text;

namespace SemanticSam.Engine.Checkpoints.PyTorch;

/// <summary>Reads a pickle's bytes in order, through a small window, and knows where in the file it is.</summary>
internal sealed class PickleInput(string path, ByteSource source, long start, long? fileOffset)
{
    private const int WindowBytes = 1 << 16;
    private const int MaxLine = 1024;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private PickleBudget? _budget;
    private byte[] _window = [];
    private long _windowStart = start;
    private long _position = start;

    /// <summary>Position in the source.</summary>
    public long Position => _position;

    public string Path => path;

    /// <summary>Of all pickles of this file together.</summary>
    public PickleBudget Budget => _budget ??= new(what => Bad(what));

    public long Remaining => source.Length - _position;

    public byte Byte() => Span(1)[0];

    /// <summary>The next bytes; valid until the next call.</summary>
    public ReadOnlySpan<byte> Span(int count)
    {
        if (count > Remaining) throw Bad($"the pickle is cut off: {count} bytes are needed, {Remaining} are left.");
        long at = _position - _windowStart;
        if (at + count > _window.Length)
        {
            int size = (int)Math.Min(Math.Max(count, WindowBytes), Remaining);
            using var lease = source.Lease(_position, size);
            _window = lease.Span.ToArray();
            _windowStart = _position;
            at = 0;
        }
        _position += count;
        return _window.AsSpan((int)at, count);
    }

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Span(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Span(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Span(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Span(8));

    public double DoubleBigEndian() => BinaryPrimitives.ReadDoubleBigEndian(Span(8));

    /// <summary>Text of so many UTF-8 bytes. Lone surrogates, which Python can write, are refused like other damage.</summary>
    public string Text(int bytes)
    {
        Budget.ChargeText(bytes);
        try
        {
            return StrictUtf8.GetString(Span(bytes));
        }
        catch (DecoderFallbackException e)
        {
            throw Bad("a string is not valid UTF-8.", e);
        }
    }

    /// <summary>Text up to a line feed, as the text opcodes have it.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (byte b = Byte(); b != (byte)'\n'; b = Byte())
        {
            if (line.Length == MaxLine || b is < 0x20 or > 0x7E) throw Bad($"a name is longer than {MaxLine} characters or not ASCII.");
            line.Append((char)b);
        }
        return line.ToString();
    }

    public CheckpointException Bad(string what, Exception? inner = null)
        => new(path, what, fileOffset is { } zero ? zero + _position : null, inner);
}
