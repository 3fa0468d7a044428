using SemanticSam.Masks;

namespace SemanticSam.Formats.LabelStudio;

/// <summary>
/// Label Studio's brush masks: the pixels of an RGBA image as a stream of bits, runs of one value and stretches of many; inside is what is not
/// fully transparent. Format: @thi.ng/rle-pack.
/// </summary>
internal static class BrushRuns
{
    private const int Channels = 4;

    /// <summary>The mask.</summary>
    /// <param name="packed">The bytes.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="FormatException">They are no such stream, or one of another size.</exception>
    public static Rle Decode(byte[] packed, int height, int width)
    {
        var bits = new Bits(packed);
        long count = bits.Read(32);
        if (count != (long)Channels * height * width)
            throw new FormatException($"its mask has {count} values, and {width} x {height} pixels of {Channels} are expected");
        int word = (int)bits.Read(5) + 1;
        Span<int> sizes = stackalloc int[4];
        for (int i = 0; i < sizes.Length; i++) sizes[i] = (int)bits.Read(4) + 1;
        var inside = new byte[(long)height * width];
        for (long at = 0; at < count;)
        {
            bool run = bits.Read(1) == 1;
            long end = at + 1 + bits.Read(sizes[(int)bits.Read(2)]);
            if (end > count) throw new FormatException("its mask has more values than pixels");
            if (run)
            {
                if (bits.Read(word) == 0) at = end;
                else
                    for (; at < end; at++)
                        if (at % Channels == Channels - 1) inside[at / Channels] = 1;
                continue;
            }
            for (; at < end; at++)
                if (bits.Read(word) != 0 && at % Channels == Channels - 1) inside[at / Channels] = 1;
        }
        return Rle.FromBytes(inside, height, width);
    }

    /// <summary>Bits from the highest of each byte on.</summary>
    private struct Bits(byte[] bytes)
    {
        private long _at;

        public long Read(int count)
        {
            if (_at + count > 8L * bytes.Length) throw new FormatException("its mask ends too early");
            long value = 0;
            for (int i = 0; i < count; i++, _at++) value = value << 1 | (long)(bytes[_at >> 3] >> (int)(7 - (_at & 7)) & 1);
            return value;
        }
    }
}
