namespace SemanticSam.Imaging.Decoding;

/// <summary>The codes of a GIF's frame (LZW of varying width), as far as it takes to count the pixels that they stand for.</summary>
internal static class GifCodes
{
    private const int MostBits = 12;

    /// <summary>How many pixels the codes of a frame stand for, up to a code that is none or to the end of what is there.</summary>
    /// <param name="data">From the byte on that says how wide the first codes are; then blocks, each with its length.</param>
    /// <param name="most">Pixels of the frame; further ones are not counted.</param>
    public static long Pixels(ReadOnlySpan<byte> data, long most)
    {
        int first = data[0];
        if (first is < 1 or >= MostBits) return 0;
        int clear = 1 << first, end = clear + 1;
        var lengths = new ushort[1 << MostBits]; // of the pixels that a code stands for
        lengths.AsSpan(0, clear).Fill(1);
        int next = end + 1, bits = first + 1, previous = -1, held = 0, buffer = 0;
        long pixels = 0;
        for (int at = 1; at < data.Length && data[at] != 0; at += data[at] + 1)
            foreach (byte value in data.Slice(at + 1, Math.Min(data[at], data.Length - at - 1)))
            {
                buffer |= value << held;
                for (held += 8; held >= bits;)
                {
                    int code = buffer & (1 << bits) - 1;
                    (buffer, held) = (buffer >> bits, held - bits);
                    if (code == clear)
                    {
                        (next, bits, previous) = (end + 1, first + 1, -1);
                        continue;
                    }
                    if (code == end || pixels >= most || code > next || (code == next && previous < 0)) return Math.Min(pixels, most);
                    if (previous >= 0 && next < lengths.Length)
                    {
                        lengths[next++] = (ushort)(lengths[previous] + 1);
                        if (next == 1 << bits && bits < MostBits) bits++;
                    }
                    pixels += lengths[code];
                    previous = code;
                }
            }
        return Math.Min(pixels, most);
    }
}
