using System.Text;
using SemanticSam.Formats.Yolo;

namespace SemanticSam.Formats;

/// <summary>
/// Class names of a YOLO set: <c>names</c> in data.yaml, else a line each of classes.txt or obj.names.
/// </summary>
internal static class ClassNames
{
    public const string File = "data.yaml";

    private const long LargestFile = 16 << 20;

    /// <summary>Names by index; empty when there is no file of them.</summary>
    /// <exception cref="AnnotationFileException">The file of names is damaged.</exception>
    public static SortedDictionary<int, string> Of(string root, string? given)
    {
        if (given is not null) return IsYaml(given) ? DataYaml.Names(given) : Lines(given);
        foreach (string name in (string[])[File, "data.yml", "dataset.yaml"])
            if (System.IO.File.Exists(Path.Combine(root, name))) return DataYaml.Names(Path.Combine(root, name));
        foreach (string name in (string[])["classes.txt", "obj.names", "labels/classes.txt"])
            if (System.IO.File.Exists(Path.Combine(root, name))) return Lines(Path.Combine(root, name));
        return [];
    }

    /// <summary>One name a line.</summary>
    public static SortedDictionary<int, string> Lines(string path)
    {
        string[] lines = Text(path).ReplaceLineEndings("\n").Split('\n');
        int count = Array.FindLastIndex(lines, l => !string.IsNullOrWhiteSpace(l)) + 1;
        return new(lines.Take(count).Select((l, i) => (l, i)).ToDictionary(p => p.i, p => p.l.Trim()));
    }

    /// <summary>A text as YAML takes it in double quotes.</summary>
    public static string Quoted(string name)
    {
        var text = new StringBuilder("\"");
        foreach (char c in name)
        {
            // Line breaks of YAML, which are folded even in quotes, and what it takes for no character at all.
            bool escaped = char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF';
            text.Append(c is '"' or '\\' ? $"\\{c}" : escaped ? $"\\u{(int)c:x4}" : c.ToString());
        }
        return text.Append('"').ToString();
    }

    private static bool IsYaml(string path) => Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml";

    /// <summary>The text of a file of names.</summary>
    public static string Text(string path)
    {
        try
        {
            if (new FileInfo(path).Length > LargestFile)
                throw new AnnotationFileException(Path.GetFileName(path), "", $"it has more than {LargestFile >> 20} MiB, too many for a file of names");
            return System.IO.File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnnotationFileException(Path.GetFileName(path), "", $"cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }
}
