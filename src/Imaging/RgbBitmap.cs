using SemanticSam.Imaging.Decoding;
using SkiaSharp;

namespace SemanticSam.Imaging;

/// <summary>Between <see cref="RgbImage"/> and the bitmaps that are drawn on and encoded.</summary>
internal static class RgbBitmap
{
    /// <summary>An opaque R, G, B, A bitmap; the caller disposes it.</summary>
    public static unsafe SKBitmap Create(RgbImage image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> from = image.Row(y);
            var to = new Span<byte>((byte*)bitmap.GetPixels() + (long)y * bitmap.RowBytes, image.Width * 4);
            for (int x = 0; x < image.Width; x++)
            {
                to[4 * x] = from[3 * x];
                to[4 * x + 1] = from[3 * x + 1];
                to[4 * x + 2] = from[3 * x + 2];
                to[4 * x + 3] = 255;
            }
        }
        bitmap.NotifyPixelsChanged();
        return bitmap;
    }

    /// <summary>The colors of a bitmap made by <see cref="Create"/>.</summary>
    public static RgbImage ToImage(SKBitmap bitmap) => Orientation.ToRgb(bitmap, SKEncodedOrigin.TopLeft, default);
}
