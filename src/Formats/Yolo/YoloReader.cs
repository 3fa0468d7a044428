using System.Globalization;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// YOLO's segmentation labels: a text file an image, a line an object, "class x1 y1 x2 y2 ..." as shares of the image's sides;
/// lines of five numbers are boxes "class x y width height" around a center. Sizes come from the images.
/// </summary>
internal sealed class YoloReader : AnnotationReader
{
    public const string LabelFolder = "labels", ImageFolder = "images";
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];
    private readonly string _labels, _images;
    private readonly IReadOnlyList<string> _files;
    private readonly SortedDictionary<int, string> _names;

    public YoloReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        bool isFile = File.Exists(path);
        string root = isFile ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))! : path;
        bool isLabel = isFile && System.IO.Path.GetExtension(path).Equals(".txt", StringComparison.OrdinalIgnoreCase);
        _names = ClassNames.Of(root, options.Names ?? (isFile && !isLabel ? path : null));
        string labels = System.IO.Path.Combine(root, LabelFolder);
        _labels = !isLabel && Directory.Exists(labels) ? labels : root;
        string images = System.IO.Path.Combine(root, ImageFolder);
        _images = options.Images ?? (Directory.Exists(images) ? images : root);
        _files = isLabel
            ? [path]
            : [.. FormatFiles.Below(_labels, ".txt")
                .Where(f => System.IO.Path.GetFileName(f) is not ("classes.txt" or "train.txt" or "val.txt" or "test.txt"))];
        if (_files.Count == 0) throw new AnnotationFileException(path, "", "there are no label files (.txt)");
        Categories = [.. _names.Select(n => new AnnotationCategory(n.Key, n.Value))];
        Count = _files.Count;
    }

    /// <summary>True when the first line that is not empty is a class and coordinates.</summary>
    public static bool LooksLikeLabels(string path)
    {
        try
        {
            string? line = File.ReadLines(path).Take(20).FirstOrDefault(l => !string.IsNullOrWhiteSpace(l));
            return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, .. { Length: >= 4 } rest] && int.TryParse(first, out _)
                && rest.All(r => double.TryParse(r, CultureInfo.InvariantCulture, out _));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private protected override IEnumerable<AnnotatedImage> Images() => _files.Select(file => Problems.Try(() => ReadImage(file), "the image is left out")).OfType<AnnotatedImage>();

    private AnnotatedImage ReadImage(string path)
    {
        string stem = System.IO.Path.ChangeExtension(System.IO.Path.GetRelativePath(_labels, path), null).Replace('\\', '/');
        string file = stem + ".txt";
        string image = Extensions.SelectMany(e => (string[])[stem + e, stem + e.ToUpperInvariant()]).FirstOrDefault(n => File.Exists(System.IO.Path.Combine(_images, n)))
            ?? throw new AnnotationFileException(file, "", $"there is no image {stem}.jpg, .png or .webp in '{_images}' to tell its size") { Need = AnnotationNeed.Images };
        int width, height;
        try
        {
            (_, width, height) = ImageDecoder.Identify(System.IO.Path.Combine(_images, image));
        }
        catch (ImageException e)
        {
            throw new AnnotationFileException(file, "", $"its image cannot be read: {e.Message.TrimEnd('.')}", e);
        }
        var annotations = new List<Annotation>();
        int number = 0;
        foreach (string line in Lines(path, file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (Problems.Try(() => ReadLine(line, file, $"line {number}", height, width)) is { } annotation) annotations.Add(annotation);
        }
        return new() { FileName = image, Width = width, Height = height, Annotations = annotations };
    }

    private Annotation ReadLine(string line, string file, string place, int height, int width)
    {
        AnnotationFileException Bad(string what) => new(file, place, what);
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (!int.TryParse(words[0], NumberStyles.Integer, CultureInfo.InvariantCulture, out int index) || index < 0)
            throw Bad($"'{(words[0].Length > 40 ? words[0][..40] : words[0])}' is not a class index");
        string name = _names.Count == 0 ? words[0] : _names.GetValueOrDefault(index) ?? throw Bad($"class {index} has no name; there are {_names.Count} names");
        var values = new double[words.Length - 1];
        for (int i = 0; i < values.Length; i++)
            values[i] = double.TryParse(words[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out double v) && v is >= -0.01 and <= 1.01 ? Math.Clamp(v, 0, 1)
                : throw Bad($"'{(words[i + 1].Length > 40 ? words[i + 1][..40] : words[i + 1])}' is not a share of a side, 0 to 1");
        if (values.Length != 4 && (values.Length < 6 || values.Length % 2 != 0))
            throw Bad($"{values.Length} coordinates; a polygon has an even number of them, at least 6, and a box 4");
        var mask = values is [var x, var y, var w, var h] ? BoxPixels(x * width, y * height, w * width, h * height, height, width) : Polygon(values, height, width);
        return mask.IsEmpty ? throw Bad("it covers no pixel") : new() { Mask = mask, Whole = PlainNames.Read(name) };
    }

    private Rle Polygon(double[] values, int height, int width)
    {
        var points = new List<(double, double)>(values.Length / 2);
        for (int i = 0; i < values.Length; i += 2) points.Add((values[i] * width, values[i + 1] * height));
        return PolygonPixels.Fill([points], height, width, Options.Rule ?? PolygonRule.Inclusive);
    }

    private static Rle BoxPixels(double x, double y, double w, double h, int height, int width) =>
        PolygonFill.Fill([[(x - w / 2, y - h / 2), (x + w / 2, y - h / 2), (x + w / 2, y + h / 2), (x - w / 2, y + h / 2)]], height, width);

    private static IEnumerable<string> Lines(string path, string file)
    {
        if (new FileInfo(path).Length > FormatLimits.LargestDocument) throw new AnnotationFileException(file, "", "it is too large for the labels of one image");
        StreamReader reader;
        try
        {
            reader = new(RegularFile.OpenRead(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AnnotationFileException(file, "", $"cannot be read: {e.Message.TrimEnd('.')}", e);
        }
        using (reader)
            foreach (string? line in BoundedLines.Read(reader)) yield return line ?? "(a line that is too long)";
    }
}
