using System.Globalization;
using System.Text;

namespace SemanticSam.Imaging.Decoding;

/// <summary>Names, for an error message, what bytes are that are not a readable image.</summary>
internal static class ContentSniffer
{
    private static readonly (byte[] Start, string Name)[] Known =
    [
        ("GIF8"u8.ToArray(), "a GIF image"),
        ("BM"u8.ToArray(), "a BMP image"),
        ("II*\0"u8.ToArray(), "a TIFF image"),
        ("MM\0*"u8.ToArray(), "a TIFF image"),
        ([0xFF, 0x0A], "a JPEG XL image"),
        ([0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "a JPEG XL image"),
        ([0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20], "a JPEG 2000 image"),
        ("8BPS"u8.ToArray(), "a Photoshop document"),
        ("v/1\u0001"u8.ToArray(), "an OpenEXR image"),
        ("#?RADIANCE"u8.ToArray(), "a Radiance HDR image"),
        ("SIMPLE  ="u8.ToArray(), "a FITS image"),
        ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "an array of NumPy"),
        ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"),
        ("icns"u8.ToArray(), "an Apple icon"),
        ("<svg"u8.ToArray(), "a drawing (SVG)"),
        ("version https://git-lfs"u8.ToArray(), "a pointer of Git LFS, which 'git lfs pull' replaces by the image"),
        ("%PDF"u8.ToArray(), "a PDF document"),
        ([0x50, 0x4B, 3, 4], "a zip archive"),
        ([0x1F, 0x8B], "gzip data"),
        ([0x80, 2], "a pickle"),
        ([0x7F, 0x45, 0x4C, 0x46], "an ELF program"),
        ("MZ"u8.ToArray(), "a Windows program"),
    ];

    /// <summary>Such as "text (beginning with "hello")", "a GIF image", "unknown data (beginning with 0A 1B 2C)".</summary>
    public static string Describe(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 12 && bytes[4..].StartsWith("ftyp"u8))
            return $"an ISO media file of brand '{Printable(Encoding.Latin1.GetString(bytes.Slice(8, 4)))}' (HEIC, AVIF or video)";
        foreach (var (start, name) in Known)
            if (bytes.StartsWith(start)) return name;
        if (bytes.Length >= 132 && bytes[128..].StartsWith("DICM"u8)) return "a DICOM file";
        if (bytes.Length > 3 && bytes[0] == 'P' && bytes[1] is >= (byte)'1' and <= (byte)'7' && char.IsWhiteSpace((char)bytes[2])) return "a Netpbm image";
        ReadOnlySpan<byte> head = bytes[..Math.Min(bytes.Length, 512)];
        if (IsText(head) && IsWebPage(head)) return "a web page, and not the image that was to be downloaded";
        if (IsText(head)) return $"text (beginning with \"{FirstWords(head)}\")";
        return $"unknown data (beginning with {Convert.ToHexString(head[..Math.Min(8, head.Length)])})";
    }

    private static bool IsWebPage(ReadOnlySpan<byte> head) =>
        Encoding.Latin1.GetString(head).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\r', '\n', '\t') is var text
        && (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase));

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (byte b in head)
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C)) return false;
        // A cut may fall inside a character: leave out an unfinished one at the end.
        int end = head.Length;
        while (end > 0 && end > head.Length - 4 && head[end - 1] >= 0x80) end--;
        return System.Text.Unicode.Utf8.IsValid(head[..end]);
    }

    private static string FirstWords(ReadOnlySpan<byte> head)
    {
        const int most = 24;
        string words = Printable(Encoding.UTF8.GetString(head));
        return words.Length <= most ? words.Trim() : words[..most].Trim() + "...";
    }

    /// <summary>What the bytes say goes to terminals: what steers them, or breaks the message's quotes, becomes a space.</summary>
    private static string Printable(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = char.IsControl(from[i]) || from[i] is '"' or '\''
                || char.GetUnicodeCategory(from[i]) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.Surrogate
                ? ' ' : from[i];
    });
}
