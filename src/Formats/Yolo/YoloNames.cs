using System.Text;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// Class names of a YOLO set: <c>names</c> in data.yaml (a map, a list, or a list in brackets), else classes.txt or obj.names. Only
/// as much YAML as that needs.
/// </summary>
internal static class YoloNames
{
    public const string File = "data.yaml";

    /// <summary>Names by index; empty when there is no file of them.</summary>
    /// <exception cref="AnnotationFileException">The file of names is damaged.</exception>
    public static SortedDictionary<int, string> Of(string root, string? given)
    {
        if (given is not null) return IsYaml(given) ? Yaml(given) : Lines(given);
        foreach (string name in (string[])[File, "data.yml", "dataset.yaml"])
            if (System.IO.File.Exists(Path.Combine(root, name))) return Yaml(Path.Combine(root, name));
        foreach (string name in (string[])["classes.txt", "obj.names", "labels/classes.txt"])
            if (System.IO.File.Exists(Path.Combine(root, name))) return Lines(Path.Combine(root, name));
        return [];
    }

    /// <summary>One name a line.</summary>
    public static SortedDictionary<int, string> Lines(string path)
    {
        string[] lines = Text(path);
        int count = Array.FindLastIndex(lines, l => !string.IsNullOrWhiteSpace(l)) + 1;
        return new(lines.Take(count).Select((l, i) => (l, i)).ToDictionary(p => p.i, p => p.l.Trim()));
    }

    /// <summary>A text as YAML takes it in double quotes.</summary>
    public static string Quoted(string name)
    {
        var text = new StringBuilder("\"");
        foreach (char c in name) text.Append(c is '"' or '\\' ? $"\\{c}" : char.IsControl(c) ? $"\\x{(int)c:x2}" : c.ToString());
        return text.Append('"').ToString();
    }

    private static bool IsYaml(string path) => Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml";

    private static string[] Text(string path)
    {
        try
        {
            if (new FileInfo(path).Length > 1 << 24) throw new AnnotationFileException(Path.GetFileName(path), "", "it is too large for a file of names");
            return System.IO.File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnnotationFileException(Path.GetFileName(path), "", $"cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static SortedDictionary<int, string> Yaml(string path)
    {
        string[] lines = Text(path);
        string file = Path.GetFileName(path);
        int at = Array.FindIndex(lines, l => l.StartsWith("names:", StringComparison.Ordinal));
        if (at < 0) throw new AnnotationFileException(file, "", "key 'names' is missing");
        var names = new SortedDictionary<int, string>();
        string rest = Uncommented(lines[at]["names:".Length..]).Trim();
        if (rest.StartsWith('[') || rest.StartsWith('{'))
        {
            char close = rest[0] == '[' ? ']' : '}';
            while (!rest.EndsWith(close) && ++at < lines.Length) rest += " " + Uncommented(lines[at]).Trim();
            if (!rest.EndsWith(close)) throw new AnnotationFileException(file, "names", $"'{close}' is missing");
            foreach (string item in Items(rest[1..^1]))
                if (close == ']') names.Add(names.Count, Scalar(item));
                else Entry(names, item, file, at);
            return names;
        }
        for (at++; at < lines.Length; at++)
        {
            string line = Uncommented(lines[at]), item = line.Trim();
            if (item.Length == 0) continue;
            if (item == "-" || item.StartsWith("- ", StringComparison.Ordinal)) Add(names, names.Count, item[1..], file, at);
            else if (char.IsWhiteSpace(line[0])) Entry(names, item, file, at);
            else break;
        }
        return names;
    }

    private static void Entry(SortedDictionary<int, string> names, string item, string file, int line)
    {
        int colon = item.IndexOf(':');
        if (colon < 0 || !int.TryParse(item[..colon].Trim().Trim('"', '\''), out int index) || index is < 0 or > 1_000_000)
            throw new AnnotationFileException(file, $"line {line + 1}", $"'{item}' is no name; 'INDEX: NAME' is expected");
        Add(names, index, item[(colon + 1)..], file, line);
    }

    private static void Add(SortedDictionary<int, string> names, int index, string name, string file, int line)
    {
        if (!names.TryAdd(index, Scalar(name))) throw new AnnotationFileException(file, $"line {line + 1}", $"index {index} occurs twice");
    }

    private static string Scalar(string text)
    {
        text = text.Trim();
        if (text.Length < 2 || text[0] != text[^1]) return text;
        if (text[0] == '\'') return text[1..^1].Replace("''", "'");
        if (text[0] != '"') return text;
        var plain = new StringBuilder();
        for (int i = 1; i < text.Length - 1; i++)
        {
            if (text[i] != '\\') plain.Append(text[i]);
            else if (text[i + 1] == 'x' && i + 3 < text.Length - 1 && int.TryParse(text.AsSpan(i + 2, 2), System.Globalization.NumberStyles.HexNumber, null, out int code))
            {
                plain.Append((char)code);
                i += 3;
            }
            else plain.Append(text[++i]);
        }
        return plain.ToString();
    }

    /// <summary>Without a comment: a # outside quotes at the start or after white space.</summary>
    private static string Uncommented(string line)
    {
        foreach (var (index, c, quote) in Outside(line))
            if (c == '#' && quote == '\0' && (index == 0 || char.IsWhiteSpace(line[index - 1]))) return line[..index];
        return line;
    }

    private static IEnumerable<string> Items(string list)
    {
        int start = 0;
        foreach (var (index, c, quote) in Outside(list))
            if (c == ',' && quote == '\0')
            {
                yield return list[start..index];
                start = index + 1;
            }
        if (list[start..].Trim().Length > 0) yield return list[start..];
    }

    /// <summary>Each character with the quote that it stands in. A quote opens only where a value begins.</summary>
    private static IEnumerable<(int Index, char C, char Quote)> Outside(string text)
    {
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '"' && c == '\\') i++;
            else if (quote != '\0' && c == quote) quote = '\0';
            else if (quote == '\0' && c is '"' or '\'' && text[..i].TrimEnd() is var before && (before.Length == 0 || before[^1] is ',' or '[' or '{' or ':' or '-')) quote = c;
            else yield return (i, c, quote);
        }
    }
}
