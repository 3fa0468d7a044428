using SemanticSam.Masks;

namespace SemanticSam.Server.Adapters.LabelStudio;

/// <summary>
/// Label Studio's brush masks: every pixel four times 0 or 255, row by row, as runs in a stream of bits (the most significant first), given as a list of
/// bytes. The format is that of its SDK's converter (<c>label_studio_sdk/converter/brush.py</c>).
/// </summary>
internal static class BrushRle
{
    /// <summary>Bits of a run's length less one, by class; the stream's head declares them.</summary>
    private static readonly int[] SizeBits = [3, 4, 8, 16];

    private const int LongestRun = 1 << 16;

    public static byte[] Encode(Rle mask)
    {
        var bits = new BitWriter();
        bits.Add((uint)(4L * mask.Width * mask.Height), 32);
        bits.Add(8 - 1, 5); // bits of a value
        foreach (int size in SizeBits) bits.Add((uint)size - 1, 4);
        uint value = 0;
        foreach (int run in mask.Transposed().Counts)
        {
            for (long left = 4L * run; left > 0; left -= LongestRun) Run(bits, (int)Math.Min(left, LongestRun), value);
            value ^= 255;
        }
        return bits.ToBytes();
    }

    private static void Run(BitWriter bits, int length, uint value)
    {
        bits.Add(length == 1 ? 0u : 1, 1); // whether one value is repeated
        int kind = Array.FindIndex(SizeBits, b => length <= 1 << b);
        bits.Add((uint)kind, 2);
        bits.Add((uint)length - 1, SizeBits[kind]);
        bits.Add(value, 8);
    }

    private sealed class BitWriter
    {
        private readonly List<byte> _bytes = [];
        private int _free;

        public void Add(uint value, int count)
        {
            for (int bit = count - 1; bit >= 0; bit--)
            {
                if (_free == 0)
                {
                    _bytes.Add(0);
                    _free = 8;
                }
                _free--;
                if ((value >> bit & 1) != 0) _bytes[^1] |= (byte)(1 << _free);
            }
        }

        /// <summary>Their encoder adds a whole byte where the stream ends with one.</summary>
        public byte[] ToBytes() => _free == 0 ? [.. _bytes, 0] : [.. _bytes];
    }
}
