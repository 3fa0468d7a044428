namespace SkiaSharp;

public enum SKColorType
{
    Unknown = 0, Alpha8 = 1, Rgb565 = 2, Argb4444 = 3, Rgba8888 = 4, Rgb888x = 5, Bgra8888 = 6, Rgba1010102 = 7, Rgb101010x = 8, Gray8 = 9,
    RgbaF16 = 10, RgbaF16Clamped = 11, RgbaF32 = 12, Rg88 = 13, AlphaF16 = 14, RgF16 = 15, Alpha16 = 16, Rg1616 = 17, Rgba16161616 = 18,
    Bgra1010102 = 19, Bgr101010x = 20, Bgr101010xXR = 21, Srgba8888 = 22, R8Unorm = 23,
}

public enum SKAlphaType { Unknown = 0, Opaque = 1, Premul = 2, Unpremul = 3 }

public enum SKEncodedImageFormat
{
    Bmp = 0, Gif = 1, Ico = 2, Jpeg = 3, Png = 4, Wbmp = 5, Webp = 6, Pkm = 7, Ktx = 8, Astc = 9, Dng = 10, Heif = 11, Avif = 12, Jpegxl = 13,
}

public enum SKEncodedOrigin
{
    TopLeft = 1, TopRight = 2, BottomRight = 3, BottomLeft = 4, LeftTop = 5, RightTop = 6, RightBottom = 7, LeftBottom = 8, Default = 1,
}

public enum SKCodecResult
{
    Success = 0, IncompleteInput = 1, ErrorInInput = 2, InvalidConversion = 3, InvalidScale = 4, InvalidParameters = 5, InvalidInput = 6,
    CouldNotRewind = 7, InternalError = 8, Unimplemented = 9,
}

public enum SKPaintStyle { Fill = 0, Stroke = 1, StrokeAndFill = 2 }

public enum SKStrokeCap { Butt = 0, Round = 1, Square = 2 }

public enum SKStrokeJoin { Miter = 0, Round = 1, Bevel = 2 }

public enum SKPathFillType { Winding = 0, EvenOdd = 1, InverseWinding = 2, InverseEvenOdd = 3 }

public enum SKTextAlign { Left = 0, Center = 1, Right = 2 }

public enum SKFontStyleSlant { Upright = 0, Italic = 1, Oblique = 2 }

public enum SKFontStyleWeight
{
    Invisible = 0, Thin = 100, ExtraLight = 200, Light = 300, Normal = 400, Medium = 500, SemiBold = 600, Bold = 700, ExtraBold = 800,
    Black = 900, ExtraBlack = 1000,
}

public enum SKFontStyleWidth
{
    UltraCondensed = 1, ExtraCondensed = 2, Condensed = 3, SemiCondensed = 4, Normal = 5, SemiExpanded = 6, Expanded = 7, ExtraExpanded = 8,
    UltraExpanded = 9,
}

public enum SKJpegEncoderAlphaOption { Ignore = 0, BlendOnBlack = 1 }

public enum SKJpegEncoderDownsample { Downsample420 = 0, Downsample422 = 1, Downsample444 = 2 }

[Flags]
public enum SKPngEncoderFilterFlags { NoFilters = 0, None = 8, Sub = 16, Up = 32, Avg = 64, Paeth = 128, AllFilters = 248 }

public enum SKWebpEncoderCompression { Lossy = 0, Lossless = 1 }

public static partial class SkiaExtensions
{
    public static int GetBytesPerPixel(this SKColorType colorType) => colorType switch
    {
        SKColorType.Alpha8 or SKColorType.Gray8 or SKColorType.R8Unorm => 1,
        SKColorType.Rgb565 or SKColorType.Argb4444 or SKColorType.Rg88 or SKColorType.Alpha16 or SKColorType.AlphaF16 => 2,
        SKColorType.Unknown => 0,
        SKColorType.RgbaF16 or SKColorType.RgbaF16Clamped or SKColorType.Rgba16161616 => 8,
        SKColorType.RgbaF32 => 16,
        _ => 4,
    };
}
