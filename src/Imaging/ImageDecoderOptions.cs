namespace SemanticSam.Imaging;

/// <summary>
/// What <see cref="ImageDecoder"/> and <see cref="ImageFile"/> accept. Fixed, and therefore not options, are these rules:
/// <list type="bullet">
/// <item>The orientation that EXIF declares is applied, in JPEG and WebP, and in PNG (its eXIf chunk) alike.</item>
/// <item>A file that ends before its format's end (JPEG's EOI marker, PNG's IEND chunk, WebP's declared length) is truncated
/// (code "image_truncated"), even if enough of it is there to draw something, unless <see cref="LeastShare"/> allows it.</item>
/// <item>Of samples of 16 bits the upper 8 are taken, as Pillow and OpenCV do; but where the largest sample needs no more than 8, 10, 12 or 14
/// bits, samples are taken as of so many bits, and <see cref="Notice"/> is told.</item>
/// <item>Of a GIF and an animated WebP the first image is taken, of an ICO the largest, of a TIFF <see cref="Page"/>.</item>
/// <item>Gray is repeated in R, G and B; CMYK becomes RGB by multiplying with black; embedded color profiles are ignored, as the models'
/// own preprocessing ignores them.</item>
/// <item>Transparent pixels are composed over <see cref="Background"/>.</item>
/// </list>
/// </summary>
public sealed class ImageDecoderOptions
{
    /// <summary>The defaults.</summary>
    public static ImageDecoderOptions Default { get; } = new();

    /// <summary>
    /// For readers that need an image pixel by pixel, because what belongs to it is: larger ones are refused, none is reduced.
    /// </summary>
    internal static ImageDecoderOptions Whole { get; } = new() { MaxPixels = DefaultReduceAbove };

    private const long DefaultReduceAbove = 100_000_000;

    /// <summary>Largest width * height, read from the header before anything is decoded. Default 400,000,000.</summary>
    public long MaxPixels { get; init; } = 400_000_000;

    /// <summary>
    /// An image of more pixels is reduced while it is decoded, to at most a quarter as many (<see cref="RgbImage.FullWidth"/> says what it stands for), and
    /// <see cref="Notice"/> is told. Default 100,000,000. Decoding a whole image needs about 7 bytes a pixel, a reduced one as many for each pixel that
    /// is left. GIF, ICO, interlaced PNG, lossless WebP and some kinds of TIFF cannot be reduced while they are decoded: they are refused beyond.
    /// </summary>
    public long ReduceAbove { get; init; } = DefaultReduceAbove;

    /// <summary>
    /// Page of a TIFF, from 1; other formats have page 1 alone. Default null: the first, and <see cref="Notice"/> is told where there are others. A path may
    /// name the page, too: "photo.tif#page=3".
    /// </summary>
    public int? Page { get; init; }

    /// <summary>Largest width and largest height. Default 65,535.</summary>
    public int MaxSide { get; init; } = 65_535;

    /// <summary>Largest file in bytes, checked before it is read. Default 1 GiB.</summary>
    public long MaxFileBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Share of its rows that a file which is cut off needs to be decoded, 0 to 1; the others are white, and <see cref="Notice"/> is told. Default 1: it is
    /// refused.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double LeastShare
    {
        get;
        init => field = value is >= 0 and <= 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(LeastShare), value, "A share of rows is from 0 to 1.");
    } = 1;

    /// <summary>The <see cref="LeastShare"/> where somebody reads notices: a file that is cut off is shown where nine tenths of it are there.</summary>
    internal const double ShownShare = 0.9;

    /// <summary>Told, in a sentence, what was assumed of an image; null for nobody.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>What shows through transparent pixels. Default white.</summary>
    public (byte R, byte G, byte B) Background { get; init; } = (255, 255, 255);

    /// <summary>The same for another page.</summary>
    internal ImageDecoderOptions AtPage(int page) => new()
    {
        MaxPixels = MaxPixels, ReduceAbove = ReduceAbove, Page = page, MaxSide = MaxSide, MaxFileBytes = MaxFileBytes, LeastShare = LeastShare, Notice = Notice,
        Background = Background,
    };
}
