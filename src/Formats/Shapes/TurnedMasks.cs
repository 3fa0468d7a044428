using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>
/// Annotations that were drawn on an image as its pixels are stored, and belong to the image turned upright: cameras store what is held sideways as it is,
/// and say in EXIF how to turn it; some programs look at that, and some do not.
/// </summary>
internal static class TurnedMasks
{
    /// <summary>Whether an orientation of EXIF exchanges the sides.</summary>
    public static bool SwapsSides(int orientation) => orientation is >= 5 and <= 8;

    /// <summary>The image with all that is drawn on it turned upright.</summary>
    /// <param name="image">With the size of the stored pixels.</param>
    /// <param name="orientation">5 to 8, as EXIF counts.</param>
    public static AnnotatedImage Upright(AnnotatedImage image, int orientation) => image with
    {
        Width = image.Height, Height = image.Width,
        Annotations = [.. image.Annotations.Select(a => a with
        {
            Mask = Upright(a.Mask, orientation),
            Written = new(null, a.Written.Area, a.Written.IsBoxAlone, a.Written.Category),
            Point = a.Point is { } p ? Turn(p.X, p.Y, image.Width, image.Height, orientation) : null,
            CropBox = a.CropBox is { } c ? Turn(c, image.Width, image.Height, orientation) : null,
        })],
    };

    /// <summary>A mask of the image turned upright; what it takes follows from the mask's own box, not from the image.</summary>
    public static Rle Upright(Rle mask, int orientation)
    {
        if (mask.IsEmpty) return Rle.Empty(mask.Width, mask.Height);
        var box = mask.Bounds;
        int width = box.Width, height = box.Height;
        byte[] stored = mask.Crop(box).ToBytes(), upright = new byte[stored.Length];
        // The upright box is as wide as the stored one is high.
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                var (column, row) = orientation switch
                {
                    5 => (y, x),
                    6 => (height - 1 - y, x),
                    7 => (height - 1 - y, width - 1 - x),
                    _ => (y, width - 1 - x),
                };
                upright[row * height + column] = stored[y * width + x];
            }
        int left = orientation is 6 or 7 ? mask.Height - box.Bottom : box.Top, top = orientation is 7 or 8 ? mask.Width - box.Right : box.Left;
        return Rle.FromBytes(upright, width, height).Paste(left, top, mask.Width, mask.Height);
    }

    private static (double X, double Y) Turn(double x, double y, int width, int height, int orientation) =>
        (orientation is 6 or 7 ? height - y : y, orientation is 7 or 8 ? width - x : x);

    private static (double X, double Y, double Width, double Height) Turn((double X, double Y, double Width, double Height) box, int width, int height,
        int orientation)
    {
        var (x, y) = Turn(box.X, box.Y, width, height, orientation);
        var (farX, farY) = Turn(box.X + box.Width, box.Y + box.Height, width, height, orientation);
        return (Math.Min(x, farX), Math.Min(y, farY), box.Height, box.Width);
    }
}
