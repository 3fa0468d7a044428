using System.Text;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>A file of JSON objects, one a line, that grows. A process killed while it wrote leaves a last line without its end.</summary>
internal sealed class JsonLines : IDisposable
{
    private readonly FileStream _file;

    private JsonLines(FileStream file) => _file = file;

    /// <summary>Opens for appending; a last line without its end is cut off.</summary>
    /// <exception cref="IOException">It cannot be written; or it is a link or no regular file, which a folder from elsewhere may hold.</exception>
    public static JsonLines Append(string path)
    {
        var file = RegularFile.OpenGrowing(path, FileAccess.ReadWrite);
        long end = file.Length;
        for (; end > 0; end--)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n') break;
        }
        file.SetLength(end);
        file.Position = end;
        return new(file);
    }

    /// <summary>Adds a line; it is handed to the system as a whole.</summary>
    public void Add(Action<Utf8JsonWriter> write) => _file.Write(Line(write));

    /// <summary>An object as a line, its end included.</summary>
    public static byte[] Line(Action<Utf8JsonWriter> write) =>
    [
        .. JsonText.Bytes(writer =>
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }),
        (byte)'\n',
    ];

    /// <summary>The lines of a file and, of each, the text under a key; null where the line is damaged or too long. Nothing when there is no file.</summary>
    public static IEnumerable<(string Line, string? Value)> Read(string path, string key)
    {
        if (!File.Exists(path)) yield break;
        using var reader = new StreamReader(RegularFile.OpenRead(path), Encoding.UTF8);
        foreach (string? line in BoundedLines.Read(reader))
            if (line is null or { Length: > 0 }) yield return (line ?? "", line is null ? null : Value(line, key));
    }

    /// <summary>The text under a key of a line; null where the line is damaged.</summary>
    public static string? Value(string line, string key)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter where a string is not valid Unicode
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();
}
