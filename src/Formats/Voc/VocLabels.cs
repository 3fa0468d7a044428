using System.Globalization;
using SemanticSam.Formats.Png;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Voc;

/// <summary>
/// The classes of a set by their colors. CVAT writes labelmap.txt, a line "name:red,green,blue:parts:actions" each; LabelMe's converter class_names.txt, a
/// name a line; CamVid and CVAT's export of that name label_colors.txt, "red green blue name", or class_dict.csv, "name,red,green,blue"; PASCAL's own sets
/// none of them. Colors that nobody tells are PASCAL's, by the number of the class.
/// </summary>
internal sealed class VocLabels
{
    /// <summary>What belongs to no class.</summary>
    public const int Black = 0, Void = 224 << 16 | 224 << 8 | 192;

    private static readonly string[] Pascal =
    [
        "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse", "motorbike",
        "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ];

    private readonly List<(string Name, int Color)> _labels = [];
    private readonly Dictionary<int, string> _byColor = [];
    private readonly HashSet<int> _void = []; // colors of what a list calls so

    /// <summary>Reads what the set has.</summary>
    /// <param name="layout">The set.</param>
    /// <param name="options">Of which names and encoding are used.</param>
    /// <param name="report">Told what is odd or assumed.</param>
    /// <exception cref="AnnotationFileException">A file of names is damaged.</exception>
    public VocLabels(VocLayout layout, AnnotationReadOptions options, FormatReport report)
    {
        if (options.Names is { } given) AddNames(ClassNames.Of("", given, options.Encoding, report));
        else if (layout.File("labelmap.txt") is { } map) AddMap(map, options.Encoding, report);
        else if (CamVidLayout.Lists.Select(layout.File).OfType<string>().FirstOrDefault() is { } colors) AddColors(colors, options.Encoding, report);
        else if (layout.File("class_names.txt") is { } names) AddNames(ClassNames.Lines(names, options.Encoding));
        else
        {
            report.Noted(Path.GetFileName(Path.GetFullPath(layout.Root)), "", "there is no labelmap.txt that tells the names of colors",
                "names and colors are those of PASCAL VOC");
            for (int i = 0; i < Pascal.Length; i++) Add(Pascal[i], ColorOf(i));
        }
    }

    /// <summary>The classes without background, numbered from 1.</summary>
    public IReadOnlyList<AnnotationCategory> Categories =>
        [.. _labels.Where(l => !IsNothing(l.Color)).DistinctBy(l => l.Name).Select((l, i) => new AnnotationCategory(i + 1, l.Name))];

    /// <summary>The name of a color; null when no class has it.</summary>
    public string? NameOf(int color) => _byColor.GetValueOrDefault(color);

    /// <summary>The color of a class by its number, as PNGs without colors have it.</summary>
    public int ColorOfNumber(int number) => number < _labels.Count ? _labels[number].Color : number == 255 ? Void : number << 16 | number << 8 | number;

    /// <summary>Whether a color means that nothing is there.</summary>
    public bool IsNothing(int color) =>
        _byColor.TryGetValue(color, out string? name) ? BackgroundNames.Contains(name) || _void.Contains(color) : color is Black or Void;

    private static int ColorOf(int number) => IndexPng.Palette[number % 256] is var (r, g, b) ? r << 16 | g << 8 | b : 0;

    private void Add(string name, int color)
    {
        _labels.Add((name, color));
        _byColor.TryAdd(color, name);
    }

    private void AddNames(SortedDictionary<int, string> names)
    {
        foreach (var (number, name) in names)
        {
            while (_labels.Count < number && number < 256) Add(_labels.Count.ToString(CultureInfo.InvariantCulture), ColorOf(_labels.Count));
            Add(name, ColorOf(number));
        }
    }

    private void AddMap(string path, string? encoding, FormatReport report)
    {
        string file = Path.GetFileName(path);
        bool more = false;
        foreach (var (number, line) in ClassNames.Lines(path, encoding))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (Parse(line) is not { } label)
            {
                report.LeftOut(file, $"line {number + 1}", $"'{MessageText.Cut(line)}' is not 'name:red,green,blue:parts:actions'");
                continue;
            }
            more |= label.HasMore;
            int color = label.Color ?? ColorOf(_labels.Count);
            if (_byColor.TryGetValue(color, out string? other) && other != label.Name)
                report.Repaired(file, $"line {number + 1}", $"'{other}' has the same color as '{MessageText.Cut(label.Name)}'",
                    "masks of that color are the first's");
            Add(label.Name, color);
        }
        if (more) report.NotedOnce(file, "it has parts or actions of classes, which masks do not show", "they are passed over");
    }

    private void AddColors(string path, string? encoding, FormatReport report)
    {
        string file = Path.GetFileName(path);
        bool table = file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);
        foreach (var (number, line) in ClassNames.Lines(path, encoding))
        {
            if (line.Length == 0 || line[0] == '#' || table && number == 0) continue;
            string[] fields = table ? line.Split(',', StringSplitOptions.TrimEntries) : line.Split((char[]?)null, 4, StringSplitOptions.RemoveEmptyEntries);
            string? name = fields.Length != 4 ? null : (table ? fields[0].Trim('"') : fields[3]).Trim();
            if (string.IsNullOrEmpty(name) || Color(string.Join(',', table ? fields[1..] : fields[..3])) is not { } color)
            {
                report.LeftOut(file, $"line {number + 1}",
                    $"'{MessageText.Cut(line)}' is not '{(table ? "name,red,green,blue" : "red green blue name")}'");
                continue;
            }
            Add(name, color);
            if (name.Equals("void", StringComparison.OrdinalIgnoreCase) || name.StartsWith("unlabel", StringComparison.OrdinalIgnoreCase)) _void.Add(color);
        }
    }

    /// <summary>The name may hold colons; what tells it from the rest is the color.</summary>
    private static (string Name, int? Color, bool HasMore)? Parse(string line)
    {
        string[] fields = line.Split(':');
        for (int i = 1; i < fields.Length; i++)
        {
            string color = fields[i].Trim();
            if (color.Length > 0 && Color(color) is null) continue;
            string name = string.Join(':', fields[..i]).Trim();
            return name.Length == 0 ? null : (name, Color(color), fields[(i + 1)..].Any(f => !string.IsNullOrWhiteSpace(f)));
        }
        return null;
    }

    private static int? Color(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        int color = 0;
        foreach (string part in parts)
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out byte value)) return null;
            color = color << 8 | value;
        }
        return parts.Length == 3 ? color : null;
    }
}
