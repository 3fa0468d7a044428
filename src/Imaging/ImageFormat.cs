namespace SemanticSam.Imaging;

/// <summary>The image formats that are read and written.</summary>
public enum ImageFormat
{
    /// <summary>JPEG: baseline and progressive; gray, YCbCr, RGB, CMYK, YCCK.</summary>
    Jpeg,

    /// <summary>PNG: every color type and bit depth.</summary>
    Png,

    /// <summary>WebP: lossy and lossless; the first frame of an animation.</summary>
    Webp,
}
