namespace SkiaSharp;

public partial struct SKJpegEncoderOptions(int quality, SKJpegEncoderDownsample downsample, SKJpegEncoderAlphaOption alphaOption)
{
    public static readonly SKJpegEncoderOptions Default = new(100);

    public SKJpegEncoderOptions(int quality) : this(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore) { }

    public int Quality { get; } = quality;
    public SKJpegEncoderDownsample Downsample { get; } = downsample;
    public SKJpegEncoderAlphaOption AlphaOption { get; } = alphaOption;
}

public partial struct SKPngEncoderOptions(SKPngEncoderFilterFlags filterFlags, int zLibLevel)
{
    public static readonly SKPngEncoderOptions Default = new(SKPngEncoderFilterFlags.AllFilters, 6);

    public SKPngEncoderFilterFlags FilterFlags { get; } = filterFlags;
    public int ZLibLevel { get; } = zLibLevel;
}

public partial struct SKWebpEncoderOptions(SKWebpEncoderCompression compression, float quality)
{
    public static readonly SKWebpEncoderOptions Default = new(SKWebpEncoderCompression.Lossy, 100);

    public SKWebpEncoderCompression Compression { get; } = compression;
    public float Quality { get; } = quality;
}
