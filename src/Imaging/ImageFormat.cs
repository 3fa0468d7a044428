namespace SemanticSam.Imaging;

/// <summary>The image formats that are read and written.</summary>
internal enum ImageFormat
{
    /// <summary>JPEG: baseline and progressive; gray, YCbCr, RGB, CMYK, YCCK.</summary>
    Jpeg,

    /// <summary>PNG: every color type and bit depth.</summary>
    Png,

    /// <summary>WebP: lossy and lossless; the first frame of an animation.</summary>
    Webp,

    /// <summary>BMP: all that Windows writes. Read only.</summary>
    Bmp,

    /// <summary>GIF: the first frame. Read only.</summary>
    Gif,

    /// <summary>ICO: the largest of its images. Read only.</summary>
    Ico,

    /// <summary>TIFF: strips and tiles, 8 and 16 bits, palettes; LZW, deflate, JPEG and the older compressions; the first page. Read only.</summary>
    Tiff,
}
