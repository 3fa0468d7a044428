using SemanticSam.Masks;
using SkiaSharp;

namespace SemanticSam.Imaging.Overlays;

/// <summary>Lets colors show through masks; a pixel takes the color of the first mask that holds it, so that colors do not mix.</summary>
internal static class OverlayFill
{
    public static void Run(RgbImage image, IReadOnlyList<(Rle Mask, SKColor Color)> topFirst, float opacity)
    {
        int share = (int)Math.Round(Math.Clamp(opacity, 0, 1) * 256);
        if (share == 0) return;
        var painted = new bool[image.Width * image.Height];
        byte[] pixels = image.Pixels;
        foreach (var (mask, color) in topFirst)
        {
            int red = color.Red * share, green = color.Green * share, blue = color.Blue * share, rest = 256 - share;
            foreach (var (x, top, bottom) in mask.Segments)
                for (int y = top; y < bottom; y++)
                {
                    int at = y * image.Width + x;
                    if (painted[at]) continue;
                    painted[at] = true;
                    at *= 3;
                    pixels[at] = (byte)((pixels[at] * rest + red) >> 8);
                    pixels[at + 1] = (byte)((pixels[at + 1] * rest + green) >> 8);
                    pixels[at + 2] = (byte)((pixels[at + 2] * rest + blue) >> 8);
                }
        }
    }
}
