using SkiaSharp;

namespace SemanticSam.Imaging;

/// <summary>Between <see cref="RgbImage"/> and the bitmaps that are drawn on and encoded.</summary>
internal static unsafe class RgbBitmap
{
    /// <summary>An opaque R, G, B, A bitmap; the caller disposes it.</summary>
    public static SKBitmap Create(RgbImage image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        byte* pixels = (byte*)bitmap.GetPixels();
        int stride = bitmap.RowBytes;
        fixed (byte* source = image.Pixels)
        {
            byte* first = source;
            Parallel.For(0, image.Height, y =>
            {
                byte* from = first + (long)y * image.Stride, to = pixels + (long)y * stride;
                for (byte* end = to + image.Width * 4L; to < end; from += 3, to += 4)
                {
                    to[0] = from[0];
                    to[1] = from[1];
                    to[2] = from[2];
                    to[3] = 255;
                }
            });
        }
        bitmap.NotifyPixelsChanged();
        return bitmap;
    }

    /// <summary>The colours of a bitmap made by <see cref="Create"/>.</summary>
    public static RgbImage ToImage(SKBitmap bitmap) => Orientation.ToRgb(bitmap, SKEncodedOrigin.TopLeft, default);
}
