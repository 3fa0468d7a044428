using System.Globalization;
using System.Text;
using SemanticSam.Formats.Shapes;
using SemanticSam.Formats.Text;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// YOLO's segmentation labels: a text file an image, a line an object, "class x1 y1 x2 y2 ..." as shares of the image's sides;
/// lines of five numbers are boxes "class x y width height" around a center. One number more is the confidence of a prediction. Sizes come from
/// the images.
/// </summary>
internal sealed class YoloReader : AnnotationReader
{
    public const string LabelFolder = YoloLayout.LabelFolder, ImageFolder = YoloLayout.ImageFolder;

    private readonly YoloLayout _layout;
    private readonly DataYaml _set;
    private YoloPixelBoxes? _pixelBoxes; // looked for when the first is met

    public YoloReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        bool isFile = File.Exists(path);
        string root = isFile ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))! : path;
        bool isLabel = isFile && System.IO.Path.GetExtension(path).Equals(".txt", StringComparison.OrdinalIgnoreCase);
        _set = ClassNames.Set(root, options.Names ?? (isFile && !isLabel ? path : null), options.Encoding, Problems);
        _layout = new(root, isLabel ? path : null, ImageFiles);
        if (_layout.Elsewhere is { } found)
            Problems.Noted(System.IO.Path.GetFileName(System.IO.Path.GetFullPath(root)), "", "images are not where their labels say",
                $"they are looked for by their names, and found such as {found}");
        if (_layout.Twice is { } twice)
            Problems.Noted(SetName, "", $"folders called {DotaLine.Folder} and {LabelFolder} have labels of one image, such as {twice}",
                $"those in {LabelFolder} are taken");
        if (_layout.Labels == 0) throw new AnnotationFileException(path, "", "there are no label files (.txt)");
        Categories = [.. _set.Names.Select(n => new AnnotationCategory(n.Key, n.Value))];
        Count = _layout.Items.Count;
        if (_set.Names.Count == 0 && !_layout.Items.Any(i => i.Labels is { } labels && DotaLine.IsIn(labels)))
            Problems.NotedOnce(System.IO.Path.GetFileName(root), "no file tells the names of the classes", "they are called by their numbers");
    }

    /// <summary>True when the first line that is not empty is a class and coordinates.</summary>
    public static bool LooksLikeLabels(string path)
    {
        try
        {
            using var text = new StreamReader(RegularFile.OpenRead(path));
            string? line = BoundedLines.Read(text, 1 << 20).Take(20).FirstOrDefault(l => l is null || !string.IsNullOrWhiteSpace(l));
            return line is not null && !ForeignFormats.IsPixelBox(line)
                && YoloWords.Of(line) is [var first, .. { Length: >= 4 } rest] && YoloWords.IsIndex(first, out _)
                && rest.All(r => double.TryParse(r, CultureInfo.InvariantCulture, out _));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private protected override IEnumerable<AnnotatedImage> Images() =>
        _layout.Items.Select(item => Problems.Try(() => ReadImage(item), "the image is left out")).OfType<AnnotatedImage>();

    private AnnotatedImage ReadImage(YoloLayout.Item item)
    {
        if (item.Image is null)
            throw new AnnotationFileException(item.LabelName, "",
                $"there is no image {System.IO.Path.ChangeExtension(item.LabelName, null)}.jpg, .png or .webp to tell its size")
            {
                Need = ImageFiles is null ? AnnotationNeed.Images : null,
            };
        var (width, height) = Formats.ImageFolder.SizeOfFile(item.Image)
            ?? throw new AnnotationFileException(item.LabelName.Length == 0 ? item.Name : item.LabelName, "", $"its image '{item.Name}' cannot be read");
        var annotations = new List<Annotation>();
        var budget = new MaskBudget();
        if (item.Labels is null) Problems.Noted(item.Name, "", "it has no label file", "it is taken as an image without objects");
        else
        {
            if (item.IsSecond) Problems.Noted(item.Name, "", $"{item.LabelName} is of another image of that name, too", "it is taken for both");
            int number = 0;
            bool isDota = DotaLine.IsIn(item.Labels);
            foreach (string? line in Lines(item.Labels))
            {
                number++;
                if (line is not null && (line.AsSpan().Trim() is not { IsEmpty: false } text || text[0] == '#' || DotaLine.IsHead(text))) continue;
                if (Problems.Try(() => budget.Take(ReadLine(line, item.LabelName, $"line {number}", isDota, height, width), line?.Length ?? 0,
                    w => new AnnotationFileException(item.LabelName, $"line {number}", w))) is { } annotation) annotations.Add(annotation);
            }
        }
        return new() { FileName = item.Name, Path = item.Image, Width = width, Height = height, Annotations = annotations };
    }

    private Annotation ReadLine(string? line, string file, string place, bool isDota, int height, int width)
    {
        AnnotationFileException Bad(string what) => new(file, place, what);
        if (line is null) throw Bad($"it has more than {BoundedLines.Longest} characters");
        string[] words = YoloWords.Of(line);
        if (DotaLine.Of(words, isDota) is { } dota) return ReadDota(dota, file, place, height, width);
        if (!Problems.Refuses && words.Length > 0 && YoloWords.Unwrapped(words) is { } unwrapped)
        {
            Problems.NotedOnce(file, "lines have brackets or colons around their numbers", "these are taken off");
            words = unwrapped;
        }
        if (words.Length == 0 || !YoloWords.IsIndex(words[0], out int index) && !IsName(words[0], file, out index))
            throw Bad($"'{Short(words.Length == 0 ? line : words[0])}' is not a class index");
        var read = new double[words.Length - 1];
        for (int i = 0; i < read.Length; i++)
            read[i] = double.TryParse(words[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out double v) && double.IsFinite(v) ? v
                : !Problems.Refuses && YoloGaps.IsOne(words[i + 1]) ? double.NaN
                : throw Bad($"'{Short(words[i + 1])}' is not a share of a side, 0 to 1");
        var (values, confidence, turn) = Surplus.Take(read, file, place);
        if (values is [_, _, < 0, _] or [_, _, _, < 0])
        {
            Problems.Repaired(file, place, "its box has a negative width or height", "its size is taken"); // around its center it is the same
            (values[2], values[3]) = (Math.Abs(values[2]), Math.Abs(values[3]));
        }
        if (!Problems.Refuses && YoloWords.BeginsWithBox(values))
        {
            Problems.NotedOnce(file, "lines have the box of an outline before it", "the box is passed over");
            values = values[4..];
        }
        if (!Problems.Refuses && (YoloPixelBoxes.Are(values) || ArePixels(values, height, width))) ToShares(values, index, height, width, file, place);
        Check(values, Bad, file, place);
        string name = _set.Names.Count == 0 ? index.ToString(CultureInfo.InvariantCulture) : _set.Names.GetValueOrDefault(index) ?? Unnamed(index, file, place);
        var mask = values is [var x, var y, var w, var h] ? BoxPixels(x * width, y * height, w * width, h * height, turn, height, width)
            : Polygon(values, height, width, Bad);
        return mask.IsEmpty ? throw Bad("it covers no pixel") : new() { Mask = mask, Whole = PlainNames.Read(name), Score = confidence };
    }

    private Annotation ReadDota(DotaLine line, string file, string place, int height, int width)
    {
        AnnotationFileException Bad(string what) => new(file, place, what);
        if (Problems.Refuses) throw Bad("it is a line of DOTA, corners and the name of a class, and none of YOLO");
        Problems.NotedOnce(SetName, "labels have lines of DOTA, corners and the name of a class", "they are taken; a difficulty behind is passed over");
        if (_set.Names.Count > 0 && !_set.Names.ContainsValue(line.Name))
            Problems.NotedOnce(SetName, $"class '{Short(line.Name)}' is none of the set's {_set.Names.Count} names", "it is taken as it is written");
        double[] values = line.Shares(height, width);
        Check(values, Bad, file, place);
        var mask = Polygon(values, height, width, Bad);
        return mask.IsEmpty ? throw Bad("it covers no pixel") : new() { Mask = mask, Whole = PlainNames.Read(line.Name) };
    }

    /// <summary>Some write the name in the place of its number.</summary>
    private bool IsName(string word, string file, out int index)
    {
        index = 0;
        if (Problems.Refuses) return false;
        foreach (var (number, name) in _set.Names)
        {
            if (name != word) continue;
            Problems.NotedOnce(file, "lines have names of classes in the place of their numbers", "they are taken");
            index = number;
            return true;
        }
        return false;
    }

    private string Unnamed(int index, string file, string place)
    {
        Problems.Repaired(file, place, $"class {index} has no name; there are {_set.Names.Count} names", $"it is called '{index}'");
        return index.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Of pixels. What has other numbers than shares may be another format's line, which does not begin with a class: so the class has to be one.
    /// </summary>
    private void ToShares(double[] values, int index, int height, int width, string file, string place)
    {
        const int MostUnnamed = 255;
        AnnotationFileException Bad(string what) => new(file, place, what);
        if (_set.Names.Count == 0 ? index > MostUnnamed : !_set.Names.ContainsKey(index))
            throw Bad($"its numbers are no shares of the image's sides, and the first of them, {index}, is no class");
        if (values is not [_, _, _, _])
            Problems.Repaired(file, place, "its outline is in pixels and not in shares of the image's sides", "they are divided by these");
        else
        {
            _pixelBoxes ??= YoloPixelBoxes.Of(_layout, Lines);
            if (_pixelBoxes.Read(values) is not var (left, top, right, bottom, what))
                throw Bad($"its box is in pixels and not in shares of the image's sides, and {_pixelBoxes.WhyNot()}");
            Problems.Repaired(file, place, "its box is in pixels and not in shares of the image's sides", $"it is taken for {what}, as suits the whole set");
            (values[0], values[1], values[2], values[3]) = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top);
        }
        for (int i = 0; i < values.Length; i++) values[i] /= i % 2 == 0 ? width : height;
    }

    /// <summary>Whether an outline has pixels: its coordinates lie inside the image, and go far beyond what a share can be.</summary>
    private static bool ArePixels(double[] values, int height, int width)
    {
        double right = 0, bottom = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] < -1) return false;
            if (i % 2 == 0) right = Math.Max(right, values[i]);
            else bottom = Math.Max(bottom, values[i]);
        }
        return values.Length >= 6 && right > 2 && bottom > 2 && right <= width + 1 && bottom <= height + 1;
    }

    /// <summary>What sticks out a little is cut at the image's edge; what is far from a share is in other units.</summary>
    private void Check(double[] values, Func<string, Exception> bad, string file, string place)
    {
        bool sticksOut = false;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is < -1 or > 2 || Problems.Refuses && values[i] is < -0.01 or > 1.01)
                throw bad($"'{values[i].ToString(CultureInfo.InvariantCulture)}' is not a share of a side, 0 to " +
                    $"1{(values[i] > 2 ? "; pixels have to be divided by width and height" : "")}");
            sticksOut |= values[i] is < -0.01 or > 1.01;
            if (values.Length > 4) values[i] = Math.Clamp(values[i], 0, 1);
        }
        if (sticksOut) Problems.Repaired(file, place, "a coordinate lies outside of the image", "it is cut at the edge");
    }

    private Rle Polygon(double[] values, int height, int width, Func<string, Exception> bad)
    {
        var points = new List<(double, double)>(values.Length / 2);
        for (int i = 0; i < values.Length; i += 2) points.Add((values[i] * width, values[i + 1] * height));
        if (PolygonPixels.WhyNot([points], height, width) is { } fault) throw bad(fault);
        return PolygonPixels.Fill([points], height, width, Options.Rule ?? PolygonRule.Inclusive, bridged: true);
    }

    private static Rle BoxPixels(double x, double y, double w, double h, (double Sin, double Cos) turn, int height, int width)
    {
        (double, double) Corner(double dx, double dy) => (x + dx * turn.Cos - dy * turn.Sin, y + dx * turn.Sin + dy * turn.Cos);
        return PolygonFill.Fill([[Corner(-w / 2, -h / 2), Corner(w / 2, -h / 2), Corner(w / 2, h / 2), Corner(-w / 2, h / 2)]], height, width);
    }

    private YoloSurplus Surplus => field ??= new(_set, _layout, Lines, Problems, SetName);

    private static string Short(string word) => word.Length > 40 ? word[..40] : word;

    /// <summary>The lines; null stands for one that is too long.</summary>
    private IEnumerable<string?> Lines(string path)
    {
        var stream = TextFile.Open(path, Options.Encoding, check: true).Stream;
        using var text = new StreamReader(stream, Encoding.UTF8);
        if (stream.Length > FormatLimits.LargestDocument)
            throw new AnnotationFileException(System.IO.Path.GetFileName(path), "", $"it has {stream.Length} bytes, too many for the labels of one image");
        foreach (string? line in BoundedLines.Read(text)) yield return line;
    }
}
