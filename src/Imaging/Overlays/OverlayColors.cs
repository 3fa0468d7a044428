using SkiaSharp;

namespace SemanticSam.Imaging.Overlays;

/// <summary>
/// Colors that neighbors in a list do not share: hues a golden angle apart in Oklab (Ottosson 2020), whose equal steps look equal, in
/// three lightnesses. The same index always has the same color.
/// </summary>
internal static class OverlayColors
{
    private const double GoldenAngle = 2.399963229728653, FirstHue = 0.35;
    private static readonly double[] Lightness = [0.72, 0.60, 0.83];

    public static SKColor Of(int index)
    {
        double lightness = Lightness[index % Lightness.Length], hue = FirstHue + index * GoldenAngle;
        // The largest chroma that the screen has at this hue and lightness, up to a vivid one.
        double chroma = 0.2;
        while (!Try(lightness, chroma, hue, out SKColor color))
        {
            chroma -= 0.01;
            if (chroma <= 0) return color;
        }
        Try(lightness, chroma, hue, out SKColor found);
        return found;
    }

    /// <summary>Black or white, whichever stands out more.</summary>
    public static SKColor TextOn(SKColor color)
    {
        double luminance = 0.2126 * Linear(color.Red) + 0.7152 * Linear(color.Green) + 0.0722 * Linear(color.Blue);
        return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? SKColors.Black : SKColors.White;
    }

    private static bool Try(double lightness, double chroma, double hue, out SKColor color)
    {
        double a = chroma * Math.Cos(hue), b = chroma * Math.Sin(hue);
        double l = Cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
        double m = Cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
        double s = Cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
        double red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
        double green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
        double blue = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
        color = new(Byte(red), Byte(green), Byte(blue));
        return Math.Min(red, Math.Min(green, blue)) >= -0.001 && Math.Max(red, Math.Max(green, blue)) <= 1.001;
    }

    private static double Cube(double x) => x * x * x;

    private static byte Byte(double linear)
    {
        linear = Math.Clamp(linear, 0, 1);
        return (byte)Math.Round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.Pow(linear, 1 / 2.4) - 0.055));
    }

    private static double Linear(byte value)
    {
        double v = value / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }
}
