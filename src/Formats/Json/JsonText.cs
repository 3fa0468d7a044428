using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SemanticSam.Formats.Text;

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
    public static T Read<T>(string path, FormatReport report, string? encoding, Func<JsonValues, T> read) =>
        ReadRoot(path, encoding, report, (root, file) => read(new(root, file, "", report.Refuses ? null : report)));

    /// <summary>As the other, whatever the value is.</summary>
    public static T ReadRoot<T>(string path, string? encoding, FormatReport report, Func<JsonElement, string, T> read)
    {
        string file = Path.GetFileName(path);
        return Parse(TextFile.Utf8(path, encoding), file, "", report, root => read(root, file));
    }

    /// <summary>Reads an object from memory.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, string file, string place, FormatReport report, Func<JsonValues, T> read) =>
        Parse(utf8, file, place, report, root => read(new(root, file, place, report.Refuses ? null : report)));

    private static T Parse<T>(ReadOnlyMemory<byte> utf8, string file, string place, FormatReport report, Func<JsonElement, T> read)
    {
        if (!report.Refuses && JsonLeniency.MayNeed(utf8.Span))
        {
            byte[] patched = utf8.ToArray();
            JsonLeniency.Patch(patched);
            utf8 = patched;
        }
        try
        {
            using var document = JsonDocument.Parse(utf8, report.Refuses ? default : JsonLeniency.Document);
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw JsonFault.Of(e, file, place, whole: place.Length == 0);
        }
        catch (InvalidOperationException e) when (JsonFault.IsParser(e))
        {
            throw new AnnotationFileException(file, place, JsonFault.NoText, e);
        }
    }
}
