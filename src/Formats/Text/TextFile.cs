using System.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Text;

/// <summary>
/// Text files as UTF-8, whatever they are in: with a mark or without, UTF-16 and UTF-32, or the encoding that the caller names. Bytes that are
/// no UTF-8 are refused with the encoding that they are likely in, once for a file: names would be wrong in silence.
/// </summary>
internal static class TextFile
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    /// <summary>The whole of a file as UTF-8 without a mark.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding by name; null tells UTF-8, UTF-16 and UTF-32 apart.</param>
    /// <param name="most">Bytes that it may have.</param>
    /// <param name="what">What it is for, in the message when it has more.</param>
    /// <exception cref="AnnotationFileException">It cannot be read, is too large, or is in another encoding.</exception>
    public static ReadOnlyMemory<byte> Utf8(string path, string? encoding, long most = FormatLimits.LargestDocument,
        string what = "the annotations of one image")
    {
        string file = Path.GetFileName(path);
        byte[] bytes = Guarded(file, () =>
        {
            long length = new FileInfo(path).Length;
            return length > most ? throw new AnnotationFileException(file, "", $"it has {length} bytes, too many for {what}")
                : RegularFile.ReadAllBytes(path, most);
        });
        return Utf8(bytes, encoding, file);
    }

    /// <summary>As the other, from memory.</summary>
    public static ReadOnlyMemory<byte> Utf8(byte[] bytes, string? encoding, string file)
    {
        if (bytes.AsSpan().StartsWith(Mark)) return Checked(bytes.AsMemory(Mark.Length), file);
        if (TextEncodings.Wide(bytes) is { } wide) return Transcoded(bytes, wide, file);
        return encoding is not null && TextEncodings.FirstInvalid(bytes) >= 0 ? Transcoded(bytes, Named(encoding, file), file) : Checked(bytes, file);
    }

    /// <summary>The whole of a small file as text.</summary>
    public static string Text(string path, string? encoding, long most, string what) => Encoding.UTF8.GetString(Utf8(path, encoding, most, what).Span);

    /// <summary>A file of any size as UTF-8, to be read and sought in.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">As for <see cref="Utf8(string, string?, long, string)"/>.</param>
    /// <param name="check">Whether all of it is looked at; else only the first bytes are.</param>
    /// <returns>The stream, and whether it holds numbers that are none (see <see cref="Json.JsonLeniency"/>).</returns>
    public static (Stream Stream, bool MayHaveNaN) Open(string path, string? encoding, bool check)
    {
        string file = Path.GetFileName(path);
        return Guarded<(Stream, bool)>(file, () =>
        {
            var stream = RegularFile.OpenRead(path);
            try
            {
                var start = new byte[4];
                int read = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
                stream.Position = 0;
                bool nan = true;
                if (TextEncodings.Wide(start.AsSpan(0, read)) is null && (!check || IsUtf8(stream, out nan))) return (stream, nan);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
            stream.Dispose();
            var utf8 = Utf8(path, encoding, what: "a file that is not UTF-8");
            return (new MemoryStream(utf8.ToArray(), writable: false), true);
        });
    }

    private static bool IsUtf8(FileStream stream, out bool nan)
    {
        nan = false;
        var buffer = new byte[1 << 18];
        int left = 0;
        while (true)
        {
            int read = stream.Read(buffer, left, buffer.Length - left), filled = left + read;
            nan |= Json.JsonLeniency.MayNeed(buffer.AsSpan(0, filled));
            // A letter may be cut by the end of the buffer, and a word, too: the last bytes are looked at again.
            int keep = read == 0 ? 0 : Math.Min(filled, 16);
            int done = filled - keep;
            while (read > 0 && done > 0 && (buffer[done] & 0xC0) == 0x80) done--;
            if (!System.Text.Unicode.Utf8.IsValid(buffer.AsSpan(0, done))) return false;
            if (read == 0) break;
            left = filled - done;
            buffer.AsSpan(done, left).CopyTo(buffer);
        }
        stream.Position = 0;
        return true;
    }

    private static ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> utf8, string file) =>
        TextEncodings.FirstInvalid(utf8.Span) is >= 0 and var at ? throw NotUtf8(utf8.Span, at, file) : utf8;

    private static byte[] Transcoded(ReadOnlySpan<byte> bytes, Encoding encoding, string file)
    {
        try
        {
            string text = encoding.GetString(bytes);
            return Encoding.UTF8.GetBytes(text.Length > 0 && text[0] == '\uFEFF' ? text[1..] : text);
        }
        catch (DecoderFallbackException e)
        {
            throw new AnnotationFileException(file, "", $"it is not valid {encoding.WebName} (at byte {e.Index + 1})", e);
        }
    }

    private static Encoding Named(string name, string file) =>
        TextEncodings.Find(name)
            ?? throw new AnnotationFileException(file, "", $"the encoding '{name}' is not known; gb18030, shift_jis and windows-1252 are examples");

    private static AnnotationFileException NotUtf8(ReadOnlySpan<byte> bytes, int at, string file)
    {
        int line = 1 + bytes[..at].Count((byte)'\n'), column = at - bytes[..at].LastIndexOf((byte)'\n');
        int from = Math.Max(0, at - 2000), to = Math.Min(bytes.Length, at + 2000);
        // Not to begin or end within a letter of two bytes.
        while (from > 0 && from < at && bytes[from] >= 0x80) from++;
        while (to < bytes.Length && to > at + 1 && bytes[to - 1] >= 0x80) to--;
        var fits = TextEncodings.Guess(bytes[from..to]);
        string cure = fits.Count == 0
            ? "save it as UTF-8"
            : $"it may be {string.Join(" or ", fits.Take(3))}: convert it ('iconv -f {fits[0]} -t utf-8'), or say which encoding it is in";
        return new(file, $"line {line}, column {column}", $"its text is not UTF-8; {cure}") { Need = fits.Count == 0 ? null : AnnotationNeed.Encoding };
    }

    private static T Guarded<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException and not FileNotFoundException or UnauthorizedAccessException)
        {
            throw new AnnotationFileException(file, "", $"cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }
}
