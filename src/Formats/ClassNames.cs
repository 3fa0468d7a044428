using System.Text;
using SemanticSam.Formats.Text;
using SemanticSam.Formats.Yolo;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>
/// Class names of a YOLO set: <c>names</c> in data.yaml, else a line each of classes.txt or obj.names; in the set's folder, else in one of the two
/// above it, as Roboflow lays sets out.
/// </summary>
internal static class ClassNames
{
    public const string File = "data.yaml";

    private const long LargestFile = 16 << 20;
    private const int LevelsUp = 2, MostNames = 100_000;
    private static readonly string[] Yamls = [File, "data.yml", "dataset.yaml", "dataset.yml"];
    private static readonly string[] Lists = ["classes.txt", "obj.names", "labels/classes.txt", "predefined_classes.txt", "_darknet.labels",
        "labels.txt", "labels/labels.txt", "names.txt"];

    /// <summary>Names by index; empty when there is no file of them.</summary>
    /// <exception cref="AnnotationFileException">The file of names is damaged.</exception>
    public static SortedDictionary<int, string> Of(string root, string? given, string? encoding, FormatReport report) =>
        Set(root, given, encoding, report).Names;

    /// <summary>Names and what else a data.yaml says.</summary>
    public static DataYaml Set(string root, string? given, string? encoding, FormatReport report)
    {
        if (given is not null) return Read(given, encoding, report, isGiven: true);
        if (Find(root) is { } here)
        {
            var set = Read(here, encoding, report);
            foreach (string other in Lists.Select(n => Path.Combine(root, n)).Where(p => p != here && IsThere(p)))
                if (List(other, encoding, false, new(_ => { })).Any(n => n.Value.Length > 0 && set.Names.TryGetValue(n.Key, out string? name)
                    && NameBlanks.Tidy(name) != NameBlanks.Tidy(n.Value)))
                    report.Noted(Path.GetFileName(other), "", $"it has other names, or in another order, than {Path.GetFileName(here)}",
                        $"those of {Path.GetFileName(here)} are taken");
            return set;
        }
        string folder = Path.GetFullPath(root);
        for (int up = 0; up < LevelsUp && Path.GetDirectoryName(folder) is { } above; up++)
        {
            folder = above;
            if (Yamls.Select(n => Path.Combine(folder, n)).FirstOrDefault(System.IO.File.Exists) is not { } found) continue;
            report.Noted(Path.GetFileName(found), "", "it lies above the folder that is read", "names of classes are taken from it");
            return Read(found, encoding, report);
        }
        // Roboflow's layout for Darknet has a list in each split.
        if (!Directory.Exists(root)) return new();
        var below = ReadableFolders.In(root).Take(100).Select(Find).OfType<string>().ToList();
        if (below.Count == 0) return new();
        var first = Read(below[0], encoding, report);
        var different = below.Skip(1).FirstOrDefault(b => !Tidied(Read(b, encoding, report)).SequenceEqual(Tidied(first)));
        if (different is not null)
        {
            report.Repaired(Path.GetFileName(different), "", "splits have different names of classes", "classes are called by their numbers");
            return new();
        }
        report.Noted(Path.GetFileName(below[0]), "", "it lies in a folder of the one that is read", "names of classes are taken from it");
        return first;
    }

    /// <summary>One name a line, whatever it is.</summary>
    public static SortedDictionary<int, string> Lines(string path, string? encoding = null)
    {
        string[] lines = Text(path, encoding).ReplaceLineEndings("\n").Split('\n');
        int count = Array.FindLastIndex(lines, l => !string.IsNullOrWhiteSpace(l)) + 1;
        if (count > MostNames) throw new AnnotationFileException(Path.GetFileName(path), "", $"it has {count} lines; at most {MostNames} names are allowed");
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

    private static IEnumerable<(int, string)> Tidied(DataYaml set) => set.Names.Select(n => (n.Key, NameBlanks.Tidy(n.Value)));

    /// <summary>One name a line; or what else files of names are: a table, or JSON.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">Null for UTF-8.</param>
    /// <param name="isGiven">Whether somebody named the file; one that was found is as good as there where nothing tells its names.</param>
    /// <param name="report">Told how it is read.</param>
    private static SortedDictionary<int, string> List(string path, string? encoding, bool isGiven, FormatReport report)
    {
        string text = Text(path, encoding), file = Path.GetFileName(path);
        try
        {
            if ((NameJson.Read(path, text, report) ?? NameTables.Read(path, text.ReplaceLineEndings("\n"), report)) is { } names)
                return names.Count <= MostNames ? names
                    : throw new AnnotationFileException(file, "", $"it has {names.Count} names; at most {MostNames} are allowed");
        }
        catch (AnnotationFileException e) when (!isGiven && !report.Refuses)
        {
            report.Repaired(file, e.Place, e.What, "each of its lines is taken as a name");
        }
        return Lines(path, encoding);
    }

    private static bool IsYaml(string path) => Path.GetExtension(path).ToLowerInvariant() is ".yaml" or ".yml";

    private static DataYaml Read(string path, string? encoding, FormatReport report, bool isGiven = false)
    {
        var set = IsYaml(path) ? DataYaml.Read(path, encoding, report) : new() { Names = List(path, encoding, isGiven, report) };
        foreach (var same in set.Names.Where(n => n.Value.Length > 0).GroupBy(n => n.Value, n => n.Key).Where(g => g.Skip(1).Any()))
            report.NotedOnce(Path.GetFileName(path), $"classes {string.Join(", ", same.Take(5))} have one name, '{MessageText.Cut(same.Key)}'",
                "they are one class");
        return set;
    }

    /// <summary>Whether there is such a file; in a folder of labels those of an image may be called as a list is.</summary>
    private static bool IsThere(string path) => System.IO.File.Exists(path) && (IsYaml(path) || !YoloReader.LooksLikeLabels(path));

    /// <summary>The file of names in a folder; null when there is none.</summary>
    private static string? Find(string root)
    {
        if (Yamls.Concat(Lists).Select(n => Path.Combine(root, n)).FirstOrDefault(IsThere) is { } known) return known;
        if (!Directory.Exists(root)) return null;
        // Many are called after their set, such as coco128.yaml.
        var others = ReadableFolders.FilesIn(root).Where(f => IsYaml(f) || f.EndsWith(".names", StringComparison.OrdinalIgnoreCase)).Take(2).ToList();
        return others.Count == 1 && (!IsYaml(others[0]) || DataYaml.HasNames(others[0])) ? others[0] : null;
    }

    /// <summary>The text of a file of names.</summary>
    public static string Text(string path, string? encoding)
    {
        if (!System.IO.File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.", path);
        return TextFile.Text(path, encoding, LargestFile, "a file of names");
    }
}
