using System.Runtime.Intrinsics;
using SkiaSharp;

namespace SemanticSam.Imaging;

/// <summary>Stored R,G,B,A pixels to an upright RGB picture.</summary>
internal static unsafe class Orientation
{
    private const int ParallelFromPixels = 1 << 18;

    // Tiles keep the lines of both sides in the cache while rows become columns.
    private const int Tile = 64;

    public static bool SwapsSides(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    public static RgbImage ToRgb(SKBitmap bitmap, SKEncodedOrigin origin, (byte R, byte G, byte B) background)
    {
        int width = bitmap.Width, height = bitmap.Height, rowBytes = bitmap.RowBytes;
        byte* source = (byte*)bitmap.GetPixels();
        if (bitmap.AlphaType != SKAlphaType.Opaque)
            ForRows(width, height, 1, y => Compose(source + (long)y * rowBytes, width, background));
        var image = SwapsSides(origin) ? new RgbImage(height, width) : new RgbImage(width, height);
        fixed (byte* pinned = image.Pixels)
        {
            byte* target = pinned;
            if (origin == SKEncodedOrigin.TopLeft)
                ForRows(width, height, 1, y => PackRow(source + (long)y * rowBytes, target + (long)y * width * 3, width));
            else
            {
                var (start, perX, perY) = Walk(origin, width, height);
                ForRows(width, height, Tile, y => Turn(source, rowBytes, width, y, Math.Min(y + Tile, height), target + start, perX, perY));
            }
        }
        GC.KeepAlive(bitmap);
        return image;
    }

    /// <summary>Where, in bytes of the target, the stored pixel (0, 0) goes, and how far a step in x and in y moves.</summary>
    private static (long Start, long PerX, long PerY) Walk(SKEncodedOrigin origin, long w, long h)
    {
        // The target is w wide for origins up to BottomLeft and h wide for the others.
        var (start, perX, perY) = origin switch
        {
            SKEncodedOrigin.TopRight => (w - 1, -1L, w),
            SKEncodedOrigin.BottomRight => (w * h - 1, -1L, -w),
            SKEncodedOrigin.BottomLeft => (w * (h - 1), 1L, -w),
            SKEncodedOrigin.LeftTop => (0L, h, 1L),
            SKEncodedOrigin.RightTop => (h - 1, h, -1L),
            SKEncodedOrigin.RightBottom => (w * h - 1, -h, -1L),
            SKEncodedOrigin.LeftBottom => (h * (w - 1), -h, 1L),
            _ => (0L, 1L, w),
        };
        return (start * 3, perX * 3, perY * 3);
    }

    private static void Turn(byte* source, int rowBytes, int width, int fromRow, int toRow, byte* target, long perX, long perY)
    {
        for (int left = 0; left < width; left += Tile)
            for (int y = fromRow; y < toRow; y++)
            {
                byte* from = source + (long)y * rowBytes + left * 4L;
                byte* to = target + y * perY + left * perX;
                for (int x = left, end = Math.Min(left + Tile, width); x < end; x++, from += 4, to += perX)
                {
                    to[0] = from[0];
                    to[1] = from[1];
                    to[2] = from[2];
                }
            }
    }

    private static void PackRow(byte* from, byte* to, int width)
    {
        int x = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<byte> order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
            // 4 pixels a step; the store is 4 bytes longer than they are, which two more pixels have room for.
            for (; x + 6 <= width; x += 4) Vector128.Shuffle(Vector128.Load(from + x * 4L), order).Store(to + x * 3L);
        }
        for (; x < width; x++)
        {
            to[x * 3L] = from[x * 4L];
            to[x * 3L + 1] = from[x * 4L + 1];
            to[x * 3L + 2] = from[x * 4L + 2];
        }
    }

    private static void Compose(byte* row, int width, (byte R, byte G, byte B) background)
    {
        for (byte* end = row + width * 4L; row < end; row += 4)
        {
            int alpha = row[3];
            if (alpha == 255) continue;
            row[0] = Blend(row[0], background.R, alpha);
            row[1] = Blend(row[1], background.G, alpha);
            row[2] = Blend(row[2], background.B, alpha);
        }
    }

    private static byte Blend(int over, int under, int alpha) => (byte)((over * alpha + under * (255 - alpha) + 127) / 255);

    private static void ForRows(int width, int height, int step, Action<int> row)
    {
        int steps = (height + step - 1) / step;
        if ((long)width * height < ParallelFromPixels)
            for (int i = 0; i < steps; i++) row(i * step);
        else Parallel.For(0, steps, i => row(i * step));
    }
}
