namespace SemanticSam.Masks;

/// <content>COCO's compressed text form of the run lengths.</content>
public sealed partial class Rle
{
    // A count of up to 31 bits takes at most 7 chunks of 5 bits, its sign included.
    private const int MaxChunks = 7;

    /// <summary>
    /// The counts as COCO's compressed string: count i is written as the difference to count i-2 (counts 0 to 2 as they are),
    /// 5 bits a character from the low end, bit 5 set when more follow, sign by bit 4 of the last chunk, plus 48.
    /// </summary>
    public string ToCompressedString()
    {
        var text = new System.Text.StringBuilder(2 * _counts.Length);
        for (int i = 0; i < _counts.Length; i++)
        {
            int value = i > 2 ? _counts[i] - _counts[i - 2] : _counts[i];
            bool more;
            do
            {
                int chunk = value & 0x1f;
                value >>= 5;
                more = (chunk & 0x10) != 0 ? value != -1 : value != 0;
                text.Append((char)((more ? chunk | 0x20 : chunk) + 48));
            } while (more);
        }
        return text.ToString();
    }

    /// <summary>Reads COCO's compressed string.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="counts">Characters '0' to 'o'.</param>
    /// <exception cref="FormatException">The string is damaged; the message names the position (from 0) and what is wrong there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side below 1, or more than 2^31 - 1 pixels.</exception>
    public static Rle FromCompressedString(int height, int width, ReadOnlySpan<char> counts)
    {
        int pixels = Pixels(height, width);
        var toggles = new ToggleList(counts.Length / 2 + 1);
        long position = 0, last = 0, secondLast = 0;
        int at = 0;
        for (int i = 0; at < counts.Length; i++)
        {
            int start = at;
            long value = ReadNumber(counts, ref at);
            if (i > 2) value += secondLast;
            if (value < 0) throw new FormatException($"Mask string, position {start}: run {i} has the negative length {value}.");
            (secondLast, last) = (last, value);
            position += value;
            if (position > pixels)
                throw new FormatException($"Mask string, position {start}: run {i} ends at pixel {position}, but {height} x {width} has {pixels}.");
            toggles.Add((int)position);
        }
        if (position != pixels)
            throw new FormatException($"Mask string, position {counts.Length}: it ends after {position} of the {pixels} pixels of {height} x {width}.");
        return toggles.ToRle(height, width);
    }

    private static long ReadNumber(ReadOnlySpan<char> text, ref int at)
    {
        long value = 0;
        for (int chunks = 0; ; chunks++)
        {
            if (at == text.Length) throw new FormatException($"Mask string, position {at}: it ends inside a number.");
            int chunk = text[at] - 48;
            if ((uint)chunk > 63)
                throw new FormatException($"Mask string, position {at}: character U+{(int)text[at]:X4} is outside '0' to 'o'.");
            if (chunks == MaxChunks) throw new FormatException($"Mask string, position {at}: a number of more than {MaxChunks} characters.");
            at++;
            value |= (long)(chunk & 0x1f) << (5 * chunks);
            if ((chunk & 0x20) != 0) continue;
            return (chunk & 0x10) != 0 ? value | (-1L << (5 * (chunks + 1))) : value;
        }
    }
}
