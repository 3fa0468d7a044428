using System.Text;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// COCO as scripts write it where a set does not fit into memory, a JSON object a line: images with their annotations inside, annotations alone, records of
/// all kinds, or whole sets. It is put together to what it stands for.
/// </summary>
internal static class CocoLines
{
    private enum Kind
    {
        Unknown,
        Set,
        Image,
        Annotation,
        Category,
    }

    /// <summary>A record.</summary>
    private readonly record struct Line(Range Place, int Number, bool HasId);

    /// <summary>Whether a file of lines begins with a record of COCO.</summary>
    public static bool Are(string path)
    {
        try
        {
            using var text = new StreamReader(TextFile.Open(path, null, check: false).Stream);
            string? first = BoundedLines.Read(text).FirstOrDefault(l => !string.IsNullOrWhiteSpace(l));
            return first is not null && KindOf(Encoding.UTF8.GetBytes(first), out _) != Kind.Unknown;
        }
        catch (Exception e) when (e is JsonException or AnnotationFileException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The file as one document.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Its encoding; null for UTF-8.</param>
    /// <param name="report">Told of lines that are left out.</param>
    /// <exception cref="AnnotationFileException">It cannot be read, or is too large.</exception>
    public static Stream Joined(string path, string? encoding, FormatReport report)
    {
        var utf8 = TextFile.Utf8(path, encoding, what: "a file of lines");
        var lines = Sorted(utf8, Path.GetFileName(path), report);
        var all = new MemoryStream(utf8.Length + 100);
        if (lines.TryGetValue(Kind.Set, out var sets))
        {
            if (sets.Count > 1) all.WriteByte((byte)'[');
            Write(all, sets, utf8, numbered: false);
            if (sets.Count > 1) all.WriteByte((byte)']');
        }
        else if (lines is { Count: 1 } && lines.ContainsKey(Kind.Annotation))
        {
            all.WriteByte((byte)'[');
            Write(all, lines[Kind.Annotation], utf8, numbered: false);
            all.WriteByte((byte)']');
        }
        else
        {
            all.Write("{\"images\":["u8);
            Write(all, lines.GetValueOrDefault(Kind.Image) ?? [], utf8, numbered: true);
            foreach (var (kind, section) in ((Kind, string)[])[(Kind.Annotation, "annotations"), (Kind.Category, "categories")])
            {
                if (!lines.TryGetValue(kind, out var records)) continue;
                all.Write(Encoding.ASCII.GetBytes($"],\"{section}\":["));
                Write(all, records, utf8, numbered: false);
            }
            all.Write("]}"u8);
        }
        all.Position = 0;
        return all;
    }

    /// <summary>The lines by what they are.</summary>
    private static SortedDictionary<Kind, List<Line>> Sorted(ReadOnlyMemory<byte> utf8, string file, FormatReport report)
    {
        var lines = new SortedDictionary<Kind, List<Line>>();
        int number = 0;
        foreach (Range place in Places(utf8))
        {
            number++;
            var line = utf8.Span[place];
            if (line.Trim(" \t\r"u8).IsEmpty) continue;
            try
            {
                var kind = KindOf(line, out bool hasId);
                if (kind == Kind.Unknown) report.LeftOut(file, $"line {number}", "it is neither an image nor an annotation nor a category of COCO");
                else if (lines.TryGetValue(kind, out var same)) same.Add(new(place, number, hasId));
                else lines[kind] = [new(place, number, hasId)];
            }
            catch (JsonException e)
            {
                report.LeftOut(file, $"line {number}", $"not valid JSON: {JsonMessage.What(e)}", "the line is left out");
            }
        }
        return lines;
    }

    /// <summary>Records with commas between; an image without an id gets the number of its line.</summary>
    private static void Write(MemoryStream to, List<Line> records, ReadOnlyMemory<byte> utf8, bool numbered)
    {
        for (int i = 0; i < records.Count; i++)
        {
            var (place, number, hasId) = records[i];
            var line = utf8.Span[place].Trim(" \t\r"u8);
            if (i > 0) to.Write(",\n"u8);
            if (numbered && !hasId)
            {
                to.Write(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{{\"id\":{number},")));
                line = line[1..];
            }
            to.Write(line);
        }
    }

    private static IEnumerable<Range> Places(ReadOnlyMemory<byte> utf8)
    {
        for (int at = 0; at < utf8.Length;)
        {
            int length = utf8.Span[at..].IndexOf((byte)'\n'), end = length < 0 ? utf8.Length : at + length;
            yield return at..end;
            at = end + 1;
        }
    }

    /// <summary>What a line is, by its keys.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    private static Kind KindOf(ReadOnlySpan<byte> line, out bool hasId)
    {
        byte[] patched = line.ToArray();
        JsonLeniency.Patch(patched);
        var json = new Utf8JsonReader(patched, JsonLeniency.Reader);
        hasId = false;
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return Kind.Unknown;
        HashSet<string> keys = new(StringComparer.Ordinal), lists = new(StringComparer.Ordinal);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string key = Encoding.UTF8.GetString(json.ValueSpan);
            keys.Add(key);
            json.Read();
            if (json.TokenType == JsonTokenType.StartArray) lists.Add(key);
            json.Skip();
        }
        while (json.Read())
        {
            // Anything behind the object is an error of JSON.
        }
        hasId = keys.Contains("id");
        bool named = keys.Contains("file_name") || CocoKeys.FileNames.Any(keys.Contains), sized = keys.Contains("width") || keys.Contains("height");
        if (keys.Contains("image")) return Kind.Unknown; // a result of this program
        if (lists.Contains("images") && (keys.Contains("annotations") || keys.Contains("categories"))) return Kind.Set;
        if (CocoKeys.ImageIds.Any(keys.Contains))
            return keys.Contains("segmentation") || keys.Contains("bbox") || keys.Contains("category_id") ? Kind.Annotation : Kind.Unknown;
        if (named && (sized || lists.Contains("annotations"))) return Kind.Image;
        return hasId && keys.Contains("name") ? Kind.Category : Kind.Unknown;
    }
}
