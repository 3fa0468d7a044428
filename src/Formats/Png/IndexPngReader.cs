using SemanticSam.Formats.Json;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Png;

/// <summary>
/// Reads what <see cref="IndexPngWriter"/> wrote; and any palette or gray PNG with a file of names (line i names value i), such as
/// PASCAL VOC's, of which each value but 0 and 255 (void) becomes one annotation.
/// </summary>
internal sealed class IndexPngReader : FilePerImageReader
{
    private const int Void = 255;
    private readonly SortedDictionary<int, string>? _names;

    public IndexPngReader(string path, AnnotationReadOptions options) : base(Described(path, options), options, Files(path, options)) =>
        _names = options.Names is null ? null : ClassNames.Of("", options.Names, options.Encoding, Problems);

    private static string Described(string path, AnnotationReadOptions options)
    {
        if (options.Names is not null || !File.Exists(path) || !path.EndsWith(".png", StringComparison.OrdinalIgnoreCase)) return path;
        string besides = System.IO.Path.ChangeExtension(path, ".json");
        return File.Exists(besides)
            ? besides
            : throw new AnnotationFileException(System.IO.Path.GetFileName(path), "",
                $"beside it there is no {System.IO.Path.GetFileName(besides)} that tells what its values are, and no file of names is given")
            {
                Need = AnnotationNeed.Names,
            };
    }

    private static IReadOnlyList<string> Files(string path, AnnotationReadOptions options)
    {
        path = Described(path, options);
        if (File.Exists(path)) return [path];
        if (options.Names is not null)
            return FormatFiles.Below(path, ".png") is { Count: > 0 } files ? files : throw new AnnotationFileException(path, "",
                "there is no PNG in it; masks in files of other kinds are saved as PNGs first, since JPEG changes the values of their pixels");
        return FormatFiles.Json(path, AnnotationFormat.IndexPng, new(options.Problem, options.Strict));
    }

    private protected override AnnotatedImage ReadOne(string path) => _names is not null ? ReadPlain(path) : base.ReadOne(path);

    private AnnotatedImage ReadPlain(string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var (width, height, values) = ReadValues(path, file);
        var annotations = new List<Annotation>();
        var boxes = Boxes(values, width);
        // A mask of one class is 0 and 255 in most programs, or 0 and 1.
        if (boxes.Keys.All(v => v is 0 or Void) && boxes.ContainsKey(Void))
        {
            if (_names!.Count <= 2 && _names.Count > 0)
            {
                string name = _names.Values.Last();
                Problems.NotedOnce(file, "its only values are 0 and 255", $"255 is taken as '{name}'");
                return Image(path, width, height, [new() { Mask = MaskOf(values, Void, boxes, height, width), Whole = new(name) }]);
            }
            Problems.LeftOut(file, "", $"its only values are 0 and 255, and {_names.Count} names are given; 255 is void",
                "nothing is taken from it; for a mask of one class give the names of background and that class");
        }
        if (_names!.Count == 1 && !_names.ContainsKey(1) && boxes.Keys.All(v => v is 0 or 1) && boxes.ContainsKey(1))
        {
            Problems.NotedOnce(file, "its only values are 0 and 1, and one name is given", $"1 is taken as '{_names.Values.First()}'");
            return Image(path, width, height, [new() { Mask = MaskOf(values, 1, boxes, height, width), Whole = new(_names.Values.First()) }]);
        }
        foreach (ushort value in boxes.Keys.Where(v => v is not (0 or Void)).Order())
        {
            if (!_names!.ContainsKey(value)
                ) Problems.Repaired(file, "", $"the value {value} has no name; there are {_names.Count} names", $"it is called '{value}'");
            annotations.Add(new() { Mask = MaskOf(values, value, boxes, height, width), Whole = new(_names.GetValueOrDefault(value) ?? $"{value}") });
        }
        return Image(path, width, height, annotations);
    }

    private AnnotatedImage Image(string path, int width, int height, IReadOnlyList<Annotation> annotations)
    {
        string name = Directory.Exists(Path) ? System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/') : System.IO.Path.GetFileName(path);
        return new() { FileName = name, Width = width, Height = height, Annotations = annotations };
    }

    private protected override AnnotatedImage ReadImage(JsonValues v, string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var image = ImageFields.ReadObject(v);
        string png = OutputNames.Relative(v.Text("png"), file);
        var (width, height, values) = ReadValues(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, png), png);
        if ((width, height) != (image.Width, image.Height))
            throw new AnnotationFileException(png, "", $"it is {width} x {height}, but its image is {image.Width} x {image.Height}");
        var boxes = Boxes(values, width);
        return image with { Annotations = AnnotationList.Read(v, a => ReadAnnotation(a, values, boxes, height, width), Problems) };
    }

    /// <summary>The samples of a palette or gray PNG, [height, width].</summary>
    internal static (int Width, int Height, ushort[] Values) ReadValues(string path, string file)
    {
        AnnotationFileException Bad(string what) => new(file, "", what);
        try
        {
            byte[] png = ImageFile.ReadBytes(path, ImageDecoderOptions.Default);
            PngHeader header = PngCodec.ReadHeader(png, "it");
            int width = FormatLimits.Side(header.Width, "width", Bad), height = FormatLimits.Side(header.Height, "height", Bad);
            bool plain = header.Color is PngColor.Palette or PngColor.Gray;
            FormatLimits.Area(width, height, Bad, plain ? FormatLimits.LargestIndexArea : FormatLimits.LargestColorIndexArea);
            var image = PngCodec.Decode(png, "it");
            return (width, height, plain ? image.Samples
                : Gray(image) ?? throw Bad("it is a PNG of colors; an index PNG has a palette or is gray"));
        }
        catch (ImageException e)
        {
            throw new AnnotationFileException(file, "", e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>Gray values that are stored as three equal colors, opaque; null when there are others.</summary>
    private static ushort[]? Gray(PngImage image)
    {
        int channels = image.Header.Channels;
        var gray = new ushort[image.Width * image.Height];
        for (int i = 0; i < gray.Length; i++)
        {
            var pixel = image.Samples.AsSpan(i * channels, channels);
            gray[i] = pixel[0];
            if (channels >= 3 && (pixel[1] != pixel[0] || pixel[2] != pixel[0])) return null;
        }
        return gray;
    }

    private static Annotation ReadAnnotation(JsonValues v, ushort[] values, Dictionary<ushort, BoxI> boxes, int height, int width)
    {
        long index = v.Integer("index");
        if (index is < 1 or > ushort.MaxValue) throw v.Bad($"index is {index}; it has to be 1 to {ushort.MaxValue}");
        var mask = MaskOf(values, (ushort)index, boxes, height, width);
        return mask.IsEmpty ? throw v.Bad($"no pixel has the index {index}")
            : AnnotationFields.ReadNames(v, AnnotationFields.Read(v, new() { Mask = mask }, marked: true));
    }

    /// <summary>Where each value is, so that thousands of masks do not each look through the whole image.</summary>
    private static Dictionary<ushort, BoxI> Boxes(ushort[] values, int width)
    {
        var boxes = new Dictionary<ushort, BoxI>();
        for (int start = 0; start < values.Length;)
        {
            ushort value = values[start];
            int y = start / width, end = start + 1, line = (y + 1) * width;
            while (end < line && values[end] == value) end++;
            var run = new BoxI(start - y * width, y, end - y * width, y + 1);
            boxes[value] = boxes.TryGetValue(value, out var box) ? new(Math.Min(box.Left, run.Left), box.Top, Math.Max(box.Right, run.Right), run.Bottom) : run;
            start = end;
        }
        return boxes;
    }

    private static Rle MaskOf(ushort[] values, ushort value, Dictionary<ushort, BoxI> boxes, int height, int width)
    {
        if (!boxes.TryGetValue(value, out var box)) return Rle.Empty(height, width);
        var inside = Planes.Cleared(Planes.Use.Reading, box.Width * box.Height);
        for (int y = 0; y < box.Height; y++)
            for (int x = 0; x < box.Width; x++) inside[y * box.Width + x] = values[(y + box.Top) * width + x + box.Left] == value ? (byte)1 : (byte)0;
        return Rle.FromBytes(inside, box.Height, box.Width).Paste(box.Left, box.Top, height, width);
    }
}
