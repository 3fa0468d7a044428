namespace SemanticSam.Imaging.Decoding;

/// <summary>GIF: the first frame.</summary>
internal sealed class GifReader() : SkiaReader(ImageFormat.Gif, "GIF")
{
    private const int Header = 13;
    private const byte Extension = 0x21, Image = 0x2C;

    public override bool Recognizes(ReadOnlySpan<byte> file) => file.Length >= Header && (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8));

    /// <summary>Whether the first frame's data reach their end; later frames are not looked at.</summary>
    protected override bool ReachesEnd(ReadOnlySpan<byte> file)
    {
        int at = Header + ColorTable(file[10]);
        while (at < file.Length)
        {
            byte kind = file[at++];
            if (kind == Extension) at++;
            else if (kind == Image)
            {
                if (at + 9 > file.Length) return false;
                at += 9 + ColorTable(file[at + 8]) + 1;
            }
            else return false;
            while (at < file.Length && file[at] != 0) at += file[at] + 1; // blocks of data, each with its length
            if (at >= file.Length) return false;
            at++;
            if (kind == Image) return true;
        }
        return false;
    }

    private static int ColorTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
}
