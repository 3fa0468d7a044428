namespace SemanticSam.Imaging;

/// <summary>
/// What <see cref="ImageDecoder"/> and <see cref="ImageFile"/> accept. Fixed, and therefore not options, are these rules:
/// <list type="bullet">
/// <item>The orientation that EXIF declares is applied, in JPEG and WebP, and in PNG (its eXIf chunk) alike.</item>
/// <item>A file that ends before its format's end (JPEG's EOI marker, PNG's IEND chunk, WebP's declared length) is truncated
/// (code "image_truncated"), even if enough of it is there to draw something, unless <see cref="LeastShare"/> allows it.</item>
/// <item>Of samples of 16 bits the upper 8 are taken, as Pillow and OpenCV do; but where the largest sample needs no more than 8, 10, 12 or 14
/// bits, samples are taken as of so many bits, and <see cref="Notice"/> is told.</item>
/// <item>Of a GIF, a TIFF and an animated WebP the first image is taken, of an ICO the largest.</item>
/// <item>Gray is repeated in R, G and B; CMYK becomes RGB by multiplying with black; embedded color profiles are ignored, as the models'
/// own preprocessing ignores them.</item>
/// <item>Transparent pixels are composed over <see cref="Background"/>.</item>
/// </list>
/// </summary>
public sealed class ImageDecoderOptions
{
    /// <summary>The defaults.</summary>
    public static ImageDecoderOptions Default { get; } = new();

    /// <summary>Largest width * height, read from the header before anything is decoded. Default 100,000,000; decoding needs about 7 bytes a pixel.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Largest width and largest height. Default 65,535.</summary>
    public int MaxSide { get; init; } = 65_535;

    /// <summary>Largest file in bytes, checked before it is read. Default 1 GiB.</summary>
    public long MaxFileBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Share of its rows that a file which is cut off needs to be decoded, 0 to 1; the others are white, and <see cref="Notice"/> is told. Default 1: it is refused.
    /// </summary>
    public double LeastShare { get; init; } = 1;

    /// <summary>The <see cref="LeastShare"/> where somebody reads notices: a file that is cut off is shown where nine tenths of it are there.</summary>
    internal const double ShownShare = 0.9;

    /// <summary>Told, in a sentence, what was assumed of an image; null for nobody.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>What shows through transparent pixels. Default white.</summary>
    public (byte R, byte G, byte B) Background { get; init; } = (255, 255, 255);
}
