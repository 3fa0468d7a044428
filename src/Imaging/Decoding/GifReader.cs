using System.Buffers.Binary;

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

    /// <summary>Counted in its codes: the codec draws each row as soon as one is there.</summary>
    protected override int? WholeRows(ReadOnlySpan<byte> file, string name)
    {
        int at = Header + ColorTable(file[10]);
        while (at < file.Length && file[at] == Extension)
        {
            at += 2;
            while (at < file.Length && file[at] != 0) at += file[at] + 1;
            at++;
        }
        if (at + 11 > file.Length || file[at] != Image) return 0;
        var frame = file.Slice(at + 1, 9);
        int top = BinaryPrimitives.ReadUInt16LittleEndian(frame[2..]), width = BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]),
            height = BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]), canvas = BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        at += 10 + ColorTable(frame[8]);
        if (width == 0 || at >= file.Length) return 0;
        long pixels = GifCodes.Pixels(file[at..], (long)width * height);
        bool interlaced = (frame[8] & 0x40) != 0;
        // What lies below the frame is background, which needs no data.
        return pixels == (long)width * height ? Math.Max(canvas, top + height) : interlaced ? 0 : (int)(top + pixels / width);
    }

    private static int ColorTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
}
