namespace SemanticSam.Imaging.Decoding;

/// <summary>
/// A piece of a file that is zero bytes where no encoder writes them: downloads that were broken off and file systems that lost power leave such. Decoders
/// do not notice, since zeros are codes like any others, and show gray, stripes or shifted colors.
/// </summary>
/// <param name="Start">The first zero byte.</param>
/// <param name="Length">How many there are.</param>
internal readonly record struct ZeroHole(int Start, int Length)
{
    /// <summary>Shorter ones are no hole: a sector of a disk, the least that is lost at once.</summary>
    public const int Least = 512;

    /// <summary>The longest run of zeros; null where none is as long as <see cref="Least"/>.</summary>
    public static ZeroHole? In(ReadOnlySpan<byte> bytes)
    {
        ZeroHole? longest = null;
        for (int at = 0; at < bytes.Length;)
        {
            int next = bytes[at..].IndexOf((byte)0);
            if (next < 0) break;
            at += next;
            int length = bytes[at..].IndexOfAnyExcept((byte)0) is >= 0 and var end ? end : bytes.Length - at;
            if (length >= Least && length > (longest?.Length ?? 0)) longest = new(at, length);
            at += length;
        }
        return longest;
    }

    /// <summary>The same within what the bytes were cut out of.</summary>
    public ZeroHole Behind(int offset) => this with { Start = Start + offset };

    /// <summary>What a message says of it.</summary>
    public string Describe() => $"{Length} bytes of it, from byte {Start} on, are zero, as a download leaves them that was broken off";
}
