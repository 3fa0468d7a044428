using SemanticSam.Formats.Json;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;

namespace SemanticSam.Formats.Png;

/// <summary>
/// Reads what <see cref="IndexPngWriter"/> wrote; and any palette or gray PNG with a file of names (line i names value i), such as
/// PASCAL VOC's, of which each value but 0 and 255 (void) becomes one annotation; and Roboflow's masks with their table of classes.
/// </summary>
internal sealed class IndexPngReader : FilePerImageReader
{
    private const int Void = 255;
    private readonly SortedDictionary<int, string>? _names;
    private readonly bool _isRoboflow;
    private readonly IReadOnlyDictionary<string, string>? _images; // of plain masks

    public IndexPngReader(string path, AnnotationReadOptions options) : base(Described(path, options), options, Files(path, options))
    {
        if (options.Names is not null && Directory.Exists(path)) _images = PlainMasks.Of(path).Images;
        _names = options.Names is not null ? ClassNames.Of("", options.Names, options.Encoding, Problems)
            : (_isRoboflow = IsRoboflow(path, options)) ? RoboflowMasks.Names(path, options.Encoding) : null;
        if (_images?.Values.Any(i => i.EndsWith(".png", StringComparison.OrdinalIgnoreCase)) == true)
            Problems.NotedOnce(System.IO.Path.GetFileName(path), "some of its PNGs are the images of masks that lie beside them",
                "they are not taken as masks");
    }

    private static bool IsRoboflow(string path, AnnotationReadOptions options) =>
        options.Names is null && Directory.Exists(path) && RoboflowMasks.Are(path);

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
        if (IsRoboflow(path, options)) return RoboflowMasks.Masks(path);
        if (options.Names is not null)
            return PlainMasks.Of(path).Files is { Count: > 0 } files ? files
                : throw new AnnotationFileException(path, "",
                "there is no mask in it: no PNG, TIFF, BMP or GIF; JPEGs are taken as masks where they lie beside their images, as in images/ and masks/");
        return FormatFiles.Json(path, AnnotationFormat.IndexPng, new(options.Problem, options.Strict));
    }

    private protected override AnnotatedImage ReadOne(string path) => _names is not null ? ReadPlain(path) : base.ReadOne(path);

    private AnnotatedImage ReadPlain(string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var (width, height, values, isLossy) = ReadValues(path, file);
        if (isLossy && !Halve(file, values)) return Image(path, width, height, []);
        var annotations = new List<Annotation>();
        var masks = new IndexMasks(values, height, width);
        // A mask of one class is 0 and 255 in most programs, or 0 and 1.
        if (masks.Values.All(v => v is 0 or Void) && masks.Values.Contains(Void))
        {
            if (_names!.Count <= 2 && _names.Count > 0)
            {
                string name = _names.Values.Last();
                Problems.NotedOnce(file, "its only values are 0 and 255", $"255 is taken as '{name}'");
                return Image(path, width, height, [new() { Mask = masks[Void], Whole = new(name) }]);
            }
            Problems.LeftOut(file, "", $"its only values are 0 and 255, and {_names.Count} names are given; 255 is void",
                "nothing is taken from it; for a mask of one class give the names of background and that class");
        }
        if (_names!.Count == 1 && !_names.ContainsKey(1) && masks.Values.All(v => v is 0 or 1) && masks.Values.Contains(1))
        {
            Problems.NotedOnce(file, "its only values are 0 and 1, and one name is given", $"1 is taken as '{_names.Values.First()}'");
            return Image(path, width, height, [new() { Mask = masks[1], Whole = new(_names.Values.First()) }]);
        }
        foreach (ushort value in masks.Values.Where(v => v is not (0 or Void)).Order())
        {
            if (!_names!.ContainsKey(value)
                ) Problems.Repaired(file, "", $"the value {value} has no name; there are {_names.Count} names", $"it is called '{value}'");
            annotations.Add(new() { Mask = masks[value], Whole = new(_names.GetValueOrDefault(value) ?? $"{value}") });
        }
        return Image(path, width, height, annotations);
    }

    /// <summary>A JPEG's values are near those that were written, which tells black from white and no class from another.</summary>
    private bool Halve(string file, ushort[] values)
    {
        if (_names!.Count > 2)
        {
            Problems.LeftOut(file, "", $"it is a JPEG, which changes the values of pixels, so {_names.Count} names cannot be told apart",
                "nothing is taken from it; save such masks as PNGs, from what they were made of");
            return false;
        }
        Problems.NotedOnce(file, "it is a JPEG, which changes the values of pixels", "what is lighter than half is the class");
        for (int i = 0; i < values.Length; i++) values[i] = values[i] > Void / 2 ? (ushort)Void : (ushort)0;
        return true;
    }

    private AnnotatedImage Image(string path, int width, int height, IReadOnlyList<Annotation> annotations)
    {
        if (_isRoboflow) path = RoboflowMasks.ImageOf(path);
        else if (_images?.TryGetValue(path, out string? own) == true) path = own;
        string name = Directory.Exists(Path) ? System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/') : System.IO.Path.GetFileName(path);
        return new() { FileName = name, Width = width, Height = height, Annotations = annotations };
    }

    private protected override AnnotatedImage ReadImage(JsonValues v, string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var image = ImageFields.ReadObject(v);
        string png = OutputNames.Relative(v.Text("png"), file);
        var (width, height, values, isLossy) = ReadValues(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, png), png);
        if (isLossy) throw new AnnotationFileException(png, "", "it is a JPEG, which changes the values of pixels");
        if ((width, height) != (image.Width, image.Height))
            throw new AnnotationFileException(png, "", $"it is {width} x {height}, but its image is {image.Width} x {image.Height}");
        var masks = new IndexMasks(values, height, width);
        return image with { Annotations = AnnotationList.Read(v, a => ReadAnnotation(a, masks), Problems) };
    }

    /// <summary>The numbers of a palette or gray image, [height, width], and whether they are only near to those that were written.</summary>
    private static (int Width, int Height, ushort[] Values, bool IsLossy) ReadValues(string path, string file)
    {
        AnnotationFileException Bad(string what) => new(file, "", what);
        try
        {
            byte[] png = ImageFile.ReadBytes(path, ImageDecoderOptions.Default);
            if (!png.AsSpan().StartsWith(PngChunks.Signature)) return ReadOther(png, Bad);
            PngHeader header = PngCodec.ReadHeader(png, "it");
            int width = FormatLimits.Side(header.Width, "width", Bad), height = FormatLimits.Side(header.Height, "height", Bad);
            bool plain = header.Color is PngColor.Palette or PngColor.Gray;
            FormatLimits.Area(width, height, Bad, plain ? FormatLimits.LargestIndexArea : FormatLimits.LargestColorIndexArea);
            var image = PngCodec.Decode(png, "it");
            return (width, height, plain ? image.Samples
                : Gray(image) ?? throw Bad("it is a PNG of colors; an index PNG has a palette or is gray"), false);
        }
        catch (ImageException e)
        {
            throw new AnnotationFileException(file, "", e.Message.TrimEnd('.'), e);
        }
    }

    private static (int Width, int Height, ushort[] Values, bool IsLossy) ReadOther(byte[] encoded, Func<string, AnnotationFileException> bad)
    {
        var image = ImageFile.FromBytes(encoded, ImageDecoderOptions.Whole, "it");
        FormatLimits.Area(image.Width, image.Height, bad, FormatLimits.LargestColorIndexArea);
        return (image.Width, image.Height, image.StoredValues() ?? throw bad("it is an image of colors; a mask of numbers has a palette or is gray"),
            image.Format == ImageFormat.Jpeg);
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

    private static Annotation ReadAnnotation(JsonValues v, IndexMasks masks)
    {
        long index = v.Integer("index");
        if (index is < 1 or > ushort.MaxValue) throw v.Bad($"index is {index}; it has to be 1 to {ushort.MaxValue}");
        var mask = masks[(ushort)index];
        return mask.IsEmpty ? throw v.Bad($"no pixel has the index {index}")
            : AnnotationFields.ReadNames(v, AnnotationFields.Read(v, new() { Mask = mask }, marked: true));
    }
}
