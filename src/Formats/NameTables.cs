using System.Globalization;
using System.Text.RegularExpressions;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>
/// Tables of classes in the place of a list of names: "0, background", "1: road", "2 river", as programs number them, "Sky,128,128,128" and others with
/// colors. What is a table and does not say which of its columns has the names is refused; what is no table is left to be a list.
/// </summary>
internal static partial class NameTables
{
    private const string InOrder = "names are taken in their order", Numbered = "names have the numbers that it says";

    /// <summary>What columns of names and of numbers are called, likeliest first; those of the third kind may be either.</summary>
    private static readonly string[] NameColumns = ["name", "names", "class name", "class_name", "classname", "label name", "label_name"];
    private static readonly string[] NumberColumns =
        ["pixel value", "value", "id", "idx", "index", "number", "class id", "class_id", "classid", "label id", "label_id", "category_id"];

    private static readonly string[] EitherColumns = ["class", "label", "category"];
    private static readonly string[] ColorColumns = ["r", "g", "b", "red", "green", "blue", "color", "colour", "rgb", "hex"];

    /// <summary>The names of a table; null where the lines are a list of names.</summary>
    /// <param name="path">The file; its ending tells, too.</param>
    /// <param name="text">What is in it.</param>
    /// <param name="report">Told how it is read.</param>
    /// <exception cref="AnnotationFileException">It is a table of which nothing tells where the names are.</exception>
    public static SortedDictionary<int, string>? Read(string path, string text, FormatReport report)
    {
        string file = Path.GetFileName(path);
        string[] lines = [.. text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)];
        if (lines.Length == 0) return null;
        if (Colored(lines) is { } colored) return Listed(colored, "a list of names and colors");
        bool isTable = Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv";
        if (Headed(lines, isTable) is var (names, numbers) && names is not null)
        {
            string what = $"a table under '{MessageText.Cut(lines[0])}'";
            return numbers is null ? Listed(names, what) : WithNumbers(numbers.Zip(names), what);
        }
        var matches = lines.Select(l => NumberFirst().Match(l)).ToList();
        if (matches.All(m => m.Success) && !matches.All(m => IsNumber(m.Groups["name"].Value)))
        {
            var pairs = matches.Select(m => (m.Groups["number"].Value, Unquoted(m.Groups["name"].Value))).ToList();
            if (matches.All(m => m.Groups["mark"].Success) || Counts(pairs)) return WithNumbers(pairs, "lines of a number and a name");
            report.NotedOnce(file, "each line begins with a number, and these do not count on", "they are taken as part of the names");
            return null;
        }
        if (isTable || lines.All(l => l.Contains('\t')))
            if (Columns(lines[0]) is { Length: > 1 } first && lines.All(l => Columns(l).Length == first.Length))
                throw new AnnotationFileException(file, "", $"it is a table of {first.Length} columns, and nothing tells which has the names; "
                    + "write one name a line, or 'number, name'");
        return null;

        SortedDictionary<int, string> Listed(IEnumerable<string> all, string what)
        {
            report.NotedOnce(file, $"it is {what}", InOrder);
            return new(all.Select((n, i) => (n, i)).ToDictionary(p => p.i, p => p.n));
        }

        SortedDictionary<int, string> WithNumbers(IEnumerable<(string Number, string Name)> all, string what)
        {
            report.NotedOnce(file, $"it is {what}", Numbered);
            var named = new SortedDictionary<int, string>();
            foreach (var (number, name) in all) Add(named, number, name, file, report);
            return named;
        }
    }

    /// <summary>Adds a name by its number.</summary>
    /// <exception cref="AnnotationFileException">The number is none, or too large.</exception>
    public static void Add(SortedDictionary<int, string> names, string number, string name, string file, FormatReport report)
    {
        const int LargestNumber = 1_000_000;
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index > LargestNumber)
            throw new AnnotationFileException(file, "", $"'{MessageText.Cut(number)}' is no number of a class, 0 to {LargestNumber}");
        if (!names.TryAdd(index, name)) report.Repaired(file, "", $"number {index} stands twice", "the first name is taken");
    }

    /// <summary>Names beside colors: of class_dict.csv without its head, label_colors.txt or labelmap.txt; null for other lines.</summary>
    private static IReadOnlyList<string>? Colored(string[] lines)
    {
        foreach (var kind in (Regex[])[NameFirst(), ColorFirst(), LabelMap()])
            if (lines.Where(l => l[0] != '#').Select(l => kind.Match(l)).ToList() is { Count: > 0 } matches && matches.All(m => m.Success))
                return [.. matches.Select(m => Unquoted(m.Groups["name"].Value))];
        return null;
    }

    /// <summary>The columns of names and of numbers that the first line tells; no names where it tells none.</summary>
    private static (IReadOnlyList<string>? Names, IReadOnlyList<string>? Numbers) Headed(string[] lines, bool isTable)
    {
        string[] head = [.. Columns(lines[0]).Select(c => c.ToLowerInvariant())];
        if (Column(NameColumns.Concat(EitherColumns)) is not { } name || lines.Length < 2) return default;
        if (head.Length == 1) return isTable ? ([.. lines.Skip(1).Select(Unquoted)], null) : default;
        var rows = lines.Skip(1).Select(Columns).ToList();
        // A name at the end may have commas of its own.
        bool isLast = name == head.Length - 1;
        if (!rows.All(r => r.Length == head.Length || isLast && r.Length > head.Length)) return default;
        int? number = Column(NumberColumns.Concat(EitherColumns).Where(c => c != head[name]));
        if (number is { } at && !rows.All(r => r[at].Length is > 0 and < 10 && r[at].All(char.IsAsciiDigit))) number = null;
        if (number is null && !head.Where((_, i) => i != name).All(ColorColumns.Contains)) return default;
        return ([.. rows.Select(r => isLast ? string.Join(", ", r[name..]) : r[name])], number is { } n ? [.. rows.Select(r => r[n])] : null);

        int? Column(IEnumerable<string> known) => known.Select(k => Array.IndexOf(head, k)).Where(i => i >= 0).Select(i => (int?)i).FirstOrDefault();
    }

    private static string[] Columns(string line) => [.. line.Split(line.Contains('\t') ? '\t' : line.Contains(';') ? ';' : ',').Select(Unquoted)];

    /// <summary>As in "4:3" and "16:9", which are names.</summary>
    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static string Unquoted(string text) => text.Trim().Trim('"').Trim();

    /// <summary>Whether numbers before blanks are those of classes, and not part of names as in "1 cent", "2 cent", "5 cent".</summary>
    private static bool Counts(List<(string Number, string Name)> pairs)
    {
        if (pairs.Count < 2 || pairs.DistinctBy(p => p.Name).Count() < pairs.Count || pairs[0].Number is not ("0" or "1")) return false;
        int first = pairs[0].Number[0] - '0';
        return pairs.Select((p, i) => p.Number == (first + i).ToString(CultureInfo.InvariantCulture)).All(p => p);
    }

    [GeneratedRegex(@"^(?<number>[0-9]{1,9})(?: *(?<mark>[,:;=\t])\s*|\s+)(?<name>\S.*)$")]
    private static partial Regex NumberFirst();

    [GeneratedRegex(@"^(?<name>[^,;\t]+)[,;\t] *[0-9]{1,3} *[,;\t] *[0-9]{1,3} *[,;\t] *[0-9]{1,3}$")]
    private static partial Regex NameFirst();

    [GeneratedRegex(@"^[0-9]{1,3}\s+[0-9]{1,3}\s+[0-9]{1,3}\s+(?<name>\S.*)$")]
    private static partial Regex ColorFirst();

    [GeneratedRegex(@"^(?<name>[^:]+):(?:[0-9]{1,3},[0-9]{1,3},[0-9]{1,3})?:[^:]*:[^:]*$")]
    private static partial Regex LabelMap();
}
