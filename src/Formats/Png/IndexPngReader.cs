using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;

namespace SemanticSam.Formats.Png;

/// <summary>
/// Reads what <see cref="IndexPngWriter"/> wrote; and any palette or gray PNG with a file of names (line i names value i), such as
/// PASCAL VOC's, of which each value but 0 and 255 (void) becomes one annotation; and Roboflow's masks with their table of classes.
/// </summary>
internal sealed class IndexPngReader : FilePerImageReader
{
    private readonly PlainMaskClasses? _classes;
    private readonly bool _isRoboflow;
    private readonly IReadOnlyDictionary<string, string>? _images; // of plain masks
    private readonly Dictionary<string, MaskPlane> _planes = []; // of masks that were decoded and not given out yet
    private readonly HashSet<string> _transparent = []; // masks whose numbers are those of their transparency

    public IndexPngReader(string path, AnnotationReadOptions options) : this(path, options,
        options.Names is not null && Directory.Exists(path) ? PlainMasks.Of(path) : null) { }

    private IndexPngReader(string path, AnnotationReadOptions options, PlainMasks? plain)
        : base(Described(path, options), options, Files(path, options, plain))
    {
        _images = plain?.Images;
        string set = System.IO.Path.GetFileName(System.IO.Path.GetFullPath(path));
        if (options.Names is not null)
            _classes = new(ClassNames.Of("", options.Names, options.Encoding, Problems), Problems, set,
                () => Values(plain?.Files ?? [path]));
        else if (_isRoboflow = IsRoboflow(path, options)) _classes = new(RoboflowMasks.Names(path, options.Encoding)!, Problems, set, null);
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

    /// <summary>All values of the masks, which are kept, so that none is decoded twice.</summary>
    private HashSet<ushort> Values(IEnumerable<string> files)
    {
        const long MostBytes = 256 << 20;
        long kept = 0;
        var values = new HashSet<ushort>();
        foreach (string file in files)
        {
            try
            {
                var (width, height, pixels, isLossy) = ReadValues(file, "");
                var plane = new MaskPlane(width, height, pixels, isLossy);
                if (!isLossy) values.UnionWith(plane.Values);
                if ((kept += plane.Bytes) <= MostBytes) _planes[file] = plane;
            }
            catch (AnnotationFileException)
            {
                // It is told when it is read.
            }
        }
        return values;
    }

    private static IReadOnlyList<string> Files(string path, AnnotationReadOptions options, PlainMasks? plain)
    {
        path = Described(path, options);
        if (File.Exists(path)) return [path];
        if (IsRoboflow(path, options)) return RoboflowMasks.Masks(path);
        if (options.Names is not null)
            return plain!.Files is { Count: > 0 } files ? files
                : throw new AnnotationFileException(path, "",
                "there is no mask in it: no PNG, TIFF, BMP or GIF; JPEGs are taken as masks where they lie beside their images, as in images/ and masks/");
        return FormatFiles.Json(path, AnnotationFormat.IndexPng, new(options.Problem, options.Strict), options.MayBeEmpty);
    }

    private protected override AnnotatedImage ReadOne(string path) => _classes is not null ? ReadPlain(path) : base.ReadOne(path);

    private AnnotatedImage ReadPlain(string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var (width, height, values, isLossy) = _planes.Remove(path, out var plane) ? (plane.Width, plane.Height, plane.ToPixels(), plane.IsLossy)
            : ReadValues(path, file);
        SayTransparent(path, file);
        var (name, image) = ImageOf(path);
        if (image is not null) (width, height, values) = Fitted(file, width, height, values, name, image);
        return new() { FileName = name, Width = width, Height = height, Annotations = _classes!.Annotations(file, values, height, width, isLossy) };
    }

    /// <summary>Brings a mask to its image's size where it is the same picture, smaller or larger; such are made of what a network sees.</summary>
    private (int Width, int Height, ushort[] Values) Fitted(string file, int width, int height, ushort[] values, string name, string image)
    {
        if (ImageFolder.SizeOfFile(image) is not { } own || own == (width, height)) return (width, height, values);
        string what = $"its mask is {width} x {height}, but its image is {own.Width} x {own.Height}";
        if (!ResizedMasks.AreAlike(own, (width, height)))
        {
            if (OrientationOf((width, height), own, image) is not { } orientation) throw new AnnotationFileException(file, "", what);
            Problems.Repaired(file, "", StoredSize(width, height, own), TurnedWithIt);
            TurnUpright(name, orientation);
            return (width, height, values);
        }
        FormatLimits.Area(own.Width, own.Height, w => new AnnotationFileException(file, "", w), FormatLimits.LargestColorIndexArea);
        Problems.Repaired(file, "", what, "it is brought to the image's size");
        var fitted = new ushort[own.Width * own.Height];
        for (int y = 0; y < own.Height; y++)
        {
            int from = (int)((2L * y + 1) * height / (2L * own.Height)) * width;
            for (int x = 0; x < own.Width; x++) fitted[y * own.Width + x] = values[from + (int)((2L * x + 1) * width / (2L * own.Width))];
        }
        return (own.Width, own.Height, fitted);
    }

    /// <summary>The name of a mask's image, and where that lies; the mask's own name where there is none.</summary>
    private (string Name, string? Path) ImageOf(string path)
    {
        string? image = _isRoboflow ? RoboflowMasks.ImageOf(path) : _images?.GetValueOrDefault(path);
        string root = Path;
        if (image is null && ImageFiles is { } files)
        {
            string relative = System.IO.Path.ChangeExtension(System.IO.Path.GetFileName(path), null);
            image = PairedMasks.Names(relative).Select(n => files.Find(n + ".*")).OfType<string>().FirstOrDefault();
            if (image is not null) root = files.Folder;
        }
        string own = image ?? path;
        string name = Directory.Exists(root) && System.IO.Path.GetRelativePath(root, own) is var below && !below.StartsWith("..", StringComparison.Ordinal)
            ? below.Replace('\\', '/') : System.IO.Path.GetFileName(own);
        return (name, image is not null && File.Exists(image) ? image : null);
    }

    private protected override AnnotatedImage ReadImage(JsonValues v, string path)
    {
        string file = System.IO.Path.GetFileName(path);
        var image = ImageFields.ReadObject(v);
        string png = OutputNames.Relative(v.Text("png"), file);
        string mask = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, png);
        var (width, height, values, isLossy) = ReadValues(mask, png);
        SayTransparent(mask, png);
        if (isLossy) throw new AnnotationFileException(png, "", "it is a JPEG, which changes the values of pixels");
        if ((width, height) != (image.Width, image.Height))
            throw new AnnotationFileException(png, "", $"it is {width} x {height}, but its image is {image.Width} x {image.Height}");
        var masks = new IndexMasks(values, height, width);
        return image with { Annotations = AnnotationList.Read(v, a => ReadAnnotation(a, masks), Problems, areMasksMade: false) };
    }

    /// <summary>The numbers of a palette or gray image, [height, width], and whether they are only near to those that were written.</summary>
    private (int Width, int Height, ushort[] Values, bool IsLossy) ReadValues(string path, string file)
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
            if (plain) return (width, height, image.Samples, false);
            ushort[] gray = Gray(image) ?? throw Bad("it is a PNG of colors; an index PNG has a palette or is gray");
            if (PngTransparency.Values(image, gray) is not { } transparent) return (width, height, gray, false);
            _transparent.Add(path);
            return (width, height, transparent, false);
        }
        catch (ImageException e)
        {
            throw new AnnotationFileException(file, "", e.Message.TrimEnd('.'), e);
        }
    }

    private void SayTransparent(string path, string file)
    {
        if (_transparent.Remove(path))
            Problems.Repaired(file, "", "all of its pixels have one color, and some are transparent", "what is transparent is outside");
    }

    private static (int Width, int Height, ushort[] Values, bool IsLossy) ReadOther(byte[] encoded, Func<string, AnnotationFileException> bad)
    {
        var image = ImageFile.FromBytes(encoded, ImageDecoderOptions.Whole, "it");
        FormatLimits.Area(image.Width, image.Height, bad, FormatLimits.LargestColorIndexArea);
        return (image.Width, image.Height, image.StoredValues() ?? throw bad("it is an image of colors; a mask of numbers has a palette or is gray"),
            image.Format == ImageFormat.Jpeg);
    }

    /// <summary>Gray values that are stored as three equal colors, whatever their transparency; null when there are others.</summary>
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
