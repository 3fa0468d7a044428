using SkiaSharp;

namespace SemanticSam.Imaging.Decoding;

/// <summary>Stored R, G, B, A pixels to an upright RGB image.</summary>
internal static class Orientation
{
    public static bool SwapsSides(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    /// <summary>Turns an R, G, B, A bitmap upright and composes what is transparent over the background.</summary>
    public static unsafe RgbImage ToRgb(SKBitmap bitmap, SKEncodedOrigin origin, (byte R, byte G, byte B) background)
    {
        int width = bitmap.Width, height = bitmap.Height;
        bool opaque = bitmap.AlphaType == SKAlphaType.Opaque;
        var image = SwapsSides(origin) ? new RgbImage(height, width) : new RgbImage(width, height);
        byte[] to = image.Pixels;
        var (start, perX, perY) = Walk(origin, width, height);
        for (int y = 0; y < height; y++)
        {
            var row = new Span<byte>((byte*)bitmap.GetPixels() + (long)y * bitmap.RowBytes, width * 4);
            if (!opaque) Compose(row, background);
            for (int from = 0, at = start + y * perY; from < row.Length; from += 4, at += perX)
            {
                to[at] = row[from];
                to[at + 1] = row[from + 1];
                to[at + 2] = row[from + 2];
            }
        }
        return image;
    }

    /// <summary>An image turned upright, with the size that it stands for.</summary>
    /// <param name="stored">As it is stored; given back where it is upright already.</param>
    /// <param name="origin">How it lies.</param>
    public static RgbImage Turn(RgbImage stored, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default) return stored;
        bool swaps = SwapsSides(origin);
        byte[] from = stored.Pixels, to = new byte[from.Length];
        var (start, perX, perY) = Walk(origin, stored.Width, stored.Height);
        for (int y = 0, read = 0; y < stored.Height; y++)
            for (int x = 0, at = start + y * perY; x < stored.Width; x++, read += 3, at += perX)
                (to[at], to[at + 1], to[at + 2]) = (from[read], from[read + 1], from[read + 2]);
        return swaps ? new(stored.Height, stored.Width, to, stored.FullHeight, stored.FullWidth)
            : new(stored.Width, stored.Height, to, stored.FullWidth, stored.FullHeight);
    }

    /// <summary>Where, in bytes of the upright image, the stored pixel (0, 0) goes, and how far a step in x and in y moves.</summary>
    private static (int Start, int PerX, int PerY) Walk(SKEncodedOrigin origin, int w, int h)
    {
        // The upright image is w wide for origins up to BottomLeft and h wide for the others.
        var (start, perX, perY) = origin switch
        {
            SKEncodedOrigin.TopRight => (w - 1, -1, w),
            SKEncodedOrigin.BottomRight => (w * h - 1, -1, -w),
            SKEncodedOrigin.BottomLeft => (w * (h - 1), 1, -w),
            SKEncodedOrigin.LeftTop => (0, h, 1),
            SKEncodedOrigin.RightTop => (h - 1, h, -1),
            SKEncodedOrigin.RightBottom => (w * h - 1, -h, -1),
            SKEncodedOrigin.LeftBottom => (h * (w - 1), -h, 1),
            _ => (0, 1, w),
        };
        return (start * 3, perX * 3, perY * 3);
    }

    /// <summary>Composes R, G, B, A over the background, in place.</summary>
    public static void Compose(Span<byte> row, (byte R, byte G, byte B) background)
    {
        for (int i = 0; i < row.Length; i += 4)
        {
            int alpha = row[i + 3];
            if (alpha == 255) continue;
            row[i] = Blend(row[i], background.R, alpha);
            row[i + 1] = Blend(row[i + 1], background.G, alpha);
            row[i + 2] = Blend(row[i + 2], background.B, alpha);
        }
    }

    private static byte Blend(int over, int under, int alpha) => (byte)((over * alpha + under * (255 - alpha) + 127) / 255);
}
