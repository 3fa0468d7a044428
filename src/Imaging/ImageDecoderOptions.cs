namespace SemanticSam.Imaging;

/// <summary>What <see cref="ImageDecoder"/> accepts.</summary>
public sealed class ImageDecoderOptions
{
    /// <summary>The defaults.</summary>
    public static ImageDecoderOptions Default { get; } = new();

    /// <summary>Largest width * height, read from the header before anything is decoded. Default 100,000,000; decoding needs about 7 bytes a pixel.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Largest width and largest height. Default 65,535.</summary>
    public int MaxSide { get; init; } = 65_535;

    /// <summary>Largest file in bytes, looked at before it is read. Default 1 GiB.</summary>
    public long MaxFileBytes { get; init; } = 1L << 30;

    /// <summary>What shows through transparent pixels. Default white.</summary>
    public (byte R, byte G, byte B) Background { get; init; } = (255, 255, 255);
}
