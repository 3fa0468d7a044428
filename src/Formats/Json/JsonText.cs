using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>JSON written and read the way all of the formats share.</summary>
internal static class JsonText
{
    /// <summary>Names and labels stay readable.</summary>
    public static JsonWriterOptions Options(bool indented) => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = indented };

    /// <summary>One value as UTF-8.</summary>
    public static byte[] Bytes(Action<Utf8JsonWriter> write, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 10);
        using (var writer = new Utf8JsonWriter(buffer, Options(indented))) write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a file that holds one image's annotations.</summary>
    /// <exception cref="AnnotationFileException">Not JSON, or not an object.</exception>
    public static T Read<T>(string path, Func<JsonValues, T> read) => Read(Bytes(path), Path.GetFileName(path), "", read);

    /// <summary>As the other, from memory.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, string file, string place, Func<JsonValues, T> read)
    {
        if (utf8.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) utf8 = utf8[3..];
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return read(new(document.RootElement, file, place));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter of a text that is no valid Unicode
        {
            throw new AnnotationFileException(file, place, $"not valid JSON: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>The whole of a file that is not too large for one image.</summary>
    public static byte[] Bytes(string path)
    {
        string file = Path.GetFileName(path);
        try
        {
            long length = new FileInfo(path).Length;
            if (length > FormatLimits.LargestDocument) throw new AnnotationFileException(file, "", $"{length} bytes are too many for the annotations of one image");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnnotationFileException(file, "", $"cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }
}
