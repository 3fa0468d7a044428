using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// What one can reach without looking at the image: fixed discs around the click, and fixed regions for a name. A model is worth the
/// margin over these. Which of them is best is found on the evaluated set itself, so the bar is as high as it can be.
/// </summary>
internal static class ConstantGuesses
{
    /// <summary>Radii of the six discs as shares of the square root of the image's area.</summary>
    public static readonly double[] DiscRadii = [0.03, 0.06, 0.11, 0.18, 0.29, 0.45];

    /// <summary>Side of a centered rectangle as a share of the image's sides; 1 is the whole image.</summary>
    public static readonly double[] CenteredSides = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];

    /// <summary>IoU of each disc around a pixel with a mask.</summary>
    public static double[] DiscIous(Rle mask, int x, int y)
    {
        double scale = Math.Sqrt((double)mask.Width * mask.Height);
        return Array.ConvertAll(DiscRadii, radius => Iou(mask, DiscColumns(mask, x, y, radius * scale)));
    }

    /// <summary>IoU of each centered rectangle with a mask.</summary>
    public static double[] RectangleIous(Rle mask) => Array.ConvertAll(CenteredSides, side =>
    {
        int width = (int)Math.Round(mask.Width * side), height = (int)Math.Round(mask.Height * side);
        int left = (mask.Width - width) / 2, top = (mask.Height - height) / 2;
        return mask.IoU(Rle.FromBox(mask.Height, mask.Width, new BoxI(left, top, left + width, top + height)));
    });

    /// <summary>For each column the rows the disc covers; empty where top equals bottom.</summary>
    private static (int Top, int Bottom)[] DiscColumns(Rle mask, int x, int y, double radius)
    {
        var columns = new (int, int)[mask.Width];
        for (int column = 0; column < columns.Length; column++)
        {
            double rest = radius * radius - (double)(column - x) * (column - x);
            if (rest < 0) continue;
            int half = (int)Math.Sqrt(rest);
            columns[column] = (Math.Max(0, y - half), Math.Min(mask.Height, y + half + 1));
        }
        return columns;
    }

    private static double Iou(Rle mask, (int Top, int Bottom)[] columns)
    {
        long disc = 0, both = 0;
        foreach (var (top, bottom) in columns) disc += bottom - top;
        foreach (var (x, top, bottom) in mask.Segments)
            both += Math.Max(0, Math.Min(bottom, columns[x].Bottom) - Math.Max(top, columns[x].Top));
        return both / (double)(disc + mask.Area - both);
    }
}
