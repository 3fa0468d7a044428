using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;

namespace SemanticSam.Training.Samples;

/// <summary>The part of an image that is shown on the canvas, at its upper left; a random one is the geometric augmentation.</summary>
/// <param name="X">Left border in the image, pixels.</param>
/// <param name="Y">Upper border in the image, pixels.</param>
/// <param name="ScaleX">Pixels of the image a pixel of the canvas, across.</param>
/// <param name="ScaleY">Pixels of the image a pixel of the canvas, down.</param>
/// <param name="Columns">Columns of the canvas that are filled.</param>
/// <param name="Rows">Rows of the canvas that are filled.</param>
/// <param name="Flipped">Whether left and right are exchanged.</param>
internal readonly record struct Viewport(double X, double Y, double ScaleX, double ScaleY, int Columns, int Rows, bool Flipped)
{
    private const int LeastFilled = 16;
    private const double LargestRegion = 1.05; // some sees beyond the borders

    /// <summary>Either the whole image, somewhat smaller than the canvas, or a region of it with a slightly changed aspect.</summary>
    public static Viewport Draw(Random random, int width, int height, SampleOptions options)
    {
        int size = options.Size;
        double x = 0, y = 0, scaleX, scaleY, longer = Math.Max(width, height);
        if (random.NextDouble() < options.WholeImages)
            scaleX = scaleY = longer / (size * Between(random, 0.75, 1));
        else
        {
            double side = Math.Exp(Between(random, Math.Log(options.LeastRegion), Math.Log(LargestRegion))) * longer,
                aspect = Math.Exp(Between(random, -0.2, 0.2));
            double across = side * aspect, down = side / aspect;
            if (across < width) x = Between(random, 0, width - across);
            if (down < height) y = Between(random, 0, height - down);
            (scaleX, scaleY) = (across / size, down / size);
        }
        int columns = Math.Clamp((int)Math.Round((width - x) / scaleX), LeastFilled, size);
        int rows = Math.Clamp((int)Math.Round((height - y) / scaleY), LeastFilled, size);
        return new(x, y, scaleX, scaleY, columns, rows, random.NextDouble() < 0.5);
    }

    /// <summary>For each filled column of the canvas the image's column.</summary>
    public int[] SourceColumns(int width)
    {
        var columns = new int[Columns];
        for (int c = 0; c < Columns; c++) columns[Flipped ? Columns - 1 - c : c] = Math.Clamp((int)(X + (c + 0.5) * ScaleX), 0, width - 1);
        return columns;
    }

    /// <summary>For each filled row of the canvas the image's row.</summary>
    public int[] SourceRows(int height)
    {
        var rows = new int[Rows];
        for (int r = 0; r < Rows; r++) rows[r] = Math.Clamp((int)(Y + (r + 0.5) * ScaleY), 0, height - 1);
        return rows;
    }

    /// <summary>The region in the canvas' resolution, Columns x Rows, not flipped. Borders are rounded to pixels of the image.</summary>
    public RgbImage Resample(RgbImage image)
    {
        int left = Math.Clamp((int)Math.Round(X), 0, image.Width - 1), top = Math.Clamp((int)Math.Round(Y), 0, image.Height - 1);
        int right = Math.Clamp((int)Math.Round(X + Columns * ScaleX), left + 1, image.Width),
            bottom = Math.Clamp((int)Math.Round(Y + Rows * ScaleY), top + 1, image.Height);
        bool all = left == 0 && top == 0 && right == image.Width && bottom == image.Height;
        return Resize.To(all ? image : image.Crop(left, top, right - left, bottom - top), Columns, Rows);
    }

    private static double Between(Random random, double low, double high) => low + random.NextDouble() * (high - low);
}
