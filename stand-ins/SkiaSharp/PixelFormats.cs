using System.Runtime.InteropServices;

namespace SkiaSharp;

/// <summary>Between unpremultiplied R,G,B,A, in which the native library speaks, and the colour types.</summary>
internal static unsafe class PixelFormats
{
    /// <summary>Turns freshly decoded rows, in place, into what was asked for.</summary>
    public static void FromDecoded(SKImageInfo info, byte* pixels, int rowBytes)
    {
        bool premultiply = info.AlphaType == SKAlphaType.Premul;
        for (int y = 0; y < info.Height; y++)
        {
            byte* row = pixels + (long)y * rowBytes;
            if (info.ColorType == SKColorType.RgbaF16) HalvesFromShorts(new(row, info.Width * 4), premultiply);
            else if (info.ColorType != SKColorType.Gray8)
            {
                if (premultiply) Premultiply(row, info.Width);
                if (info.ColorType == SKColorType.Bgra8888) SwapRedAndBlue(row, row, info.Width);
            }
        }
    }

    /// <summary>A row of any 8-bit colour type as unpremultiplied R,G,B,A.</summary>
    public static void ToRgba(SKImageInfo info, byte* from, byte* to)
    {
        switch (info.ColorType)
        {
            case SKColorType.Gray8:
                for (int x = 0; x < info.Width; x++, to += 4)
                {
                    to[0] = to[1] = to[2] = from[x];
                    to[3] = 255;
                }
                return;
            case SKColorType.Bgra8888:
                SwapRedAndBlue(from, to, info.Width);
                break;
            default:
                Buffer.MemoryCopy(from, to, info.Width * 4L, info.Width * 4L);
                break;
        }
        if (info.AlphaType == SKAlphaType.Premul) Unpremultiply(to, info.Width);
    }

    public static byte MultiplyRounded(int a, int b)
    {
        int product = a * b + 128;
        return (byte)((product + (product >> 8)) >> 8);
    }

    private static void Premultiply(byte* row, int width)
    {
        for (int x = 0; x < width; x++, row += 4)
        {
            if (row[3] == 255) continue;
            for (int c = 0; c < 3; c++) row[c] = MultiplyRounded(row[c], row[3]);
        }
    }

    private static void Unpremultiply(byte* row, int width)
    {
        for (int x = 0; x < width; x++, row += 4)
        {
            int alpha = row[3];
            if (alpha == 255) continue;
            for (int c = 0; c < 3; c++) row[c] = alpha == 0 ? (byte)0 : (byte)Math.Min(255, (row[c] * 255 + alpha / 2) / alpha);
        }
    }

    public static void SwapRedAndBlue(byte* from, byte* to, int width)
    {
        var source = new ReadOnlySpan<uint>(from, width);
        var target = new Span<uint>(to, width);
        for (int x = 0; x < width; x++)
        {
            uint p = source[x];
            target[x] = (p & 0xFF00FF00) | ((p & 0xFF) << 16) | ((p >> 16) & 0xFF);
        }
    }

    private static void HalvesFromShorts(Span<ushort> row, bool premultiply)
    {
        Span<Half> halves = MemoryMarshal.Cast<ushort, Half>(row);
        for (int i = 0; i < row.Length; i += 4)
        {
            float alpha = row[i + 3] / 65535f, scale = premultiply ? alpha / 65535f : 1 / 65535f;
            for (int c = 0; c < 3; c++) halves[i + c] = (Half)(row[i + c] * scale);
            halves[i + 3] = (Half)alpha;
        }
    }
}
