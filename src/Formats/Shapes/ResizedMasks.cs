using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>Annotations that were drawn on an image before it was made smaller or larger, in the proportions that it had.</summary>
internal static class ResizedMasks
{
    /// <summary>
    /// Whether two sizes are of the same picture. A side may be off by a pixel, as sides are that were rounded, or by a hundredth, as those that somebody
    /// saved anew are.
    /// </summary>
    public static bool AreAlike((int Width, int Height) a, (int Width, int Height) b) =>
        Math.Abs((long)a.Width * b.Height - (long)a.Height * b.Width)
            <= Math.Max((long)a.Width * b.Height / 100, Math.Max(Math.Max(a.Width, a.Height), Math.Max(b.Width, b.Height)));

    /// <summary>Whether an image of one size is that of the other made smaller or larger, and not one that a pixel was cut off or added to.</summary>
    public static bool IsResized((int Width, int Height) before, (int Width, int Height) now) =>
        AreAlike(before, now) && (Math.Abs(before.Width - now.Width) > 1 || Math.Abs(before.Height - now.Height) > 1);

    /// <summary>The image with all that is drawn on it brought to another size.</summary>
    public static AnnotatedImage To(AnnotatedImage image, int width, int height)
    {
        double across = (double)width / image.Width, down = (double)height / image.Height;
        (double X, double Y, double Width, double Height)? Box((double X, double Y, double Width, double Height)? box) =>
            box is var (x, y, w, h) ? (x * across, y * down, w * across, h * down) : null;
        return image with
        {
            Width = width, Height = height,
            Annotations = [.. image.Annotations.Select(a => a with
            {
                Mask = Sampled(a.Mask, width, height),
                Written = new(Box(a.Written.Box), a.Written.Area * across * down, a.Written.IsBoxAlone, a.Written.Category),
                Point = a.Point is { } p ? (p.X * across, p.Y * down) : null,
                CropBox = Box(a.CropBox),
            })],
        };
    }

    /// <summary>A mask that would have no pixel left keeps the one in which its middle lies.</summary>
    private static Rle Sampled(Rle mask, int width, int height)
    {
        var sampled = mask.Sampled(height, width);
        if (!sampled.IsEmpty || mask.IsEmpty) return sampled;
        var box = mask.Bounds;
        int x = Math.Min((int)((box.Left + box.Right) / 2.0 * width / mask.Width), width - 1);
        int y = Math.Min((int)((box.Top + box.Bottom) / 2.0 * height / mask.Height), height - 1);
        return Rle.FromBox(height, width, new(x, y, x + 1, y + 1));
    }
}
