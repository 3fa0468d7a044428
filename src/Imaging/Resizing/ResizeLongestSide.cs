namespace SemanticSam.Imaging.Resizing;

/// <summary>SAM's ResizeLongestSide: picture sizes and prompt coordinates between the original picture and the one the encoder sees.</summary>
/// <param name="side">Longer side of the encoder's picture, at least 1; 1024 for the released models.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="side"/> is below 1.</exception>
public sealed class ResizeLongestSide(int side)
{
    /// <summary>Longer side of the encoder's picture in pixels.</summary>
    public int Side { get; } = side >= 1 ? side : throw new ArgumentOutOfRangeException(nameof(side), side, "The side must be at least 1.");

    /// <summary>get_preprocess_shape: (height, width) with the longer side <see cref="Side"/>; a side of extreme shapes becomes 0.</summary>
    public (int Height, int Width) PreprocessShape(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        double scale = Side * 1.0 / Math.Max(height, width);
        return ((int)(height * scale + 0.5), (int)(width * scale + 0.5));
    }

    /// <summary>apply_coords: x and y times new size / old size of their axis, in double.</summary>
    /// <param name="x">Pixels of the original picture.</param>
    /// <param name="y">Pixels of the original picture.</param>
    /// <param name="height">Rows of the original picture.</param>
    /// <param name="width">Columns of the original picture.</param>
    public (double X, double Y) ApplyCoords(double x, double y, int height, int width)
    {
        var (newHeight, newWidth) = PreprocessShape(height, width);
        return (x * ((double)newWidth / width), y * ((double)newHeight / height));
    }

    /// <summary>apply_coords for [N, 2] values x, y, x, y, ..., in place.</summary>
    /// <exception cref="ArgumentException">The number of values is odd.</exception>
    public void ApplyCoords(Span<double> xy, int height, int width)
    {
        if (xy.Length % 2 != 0) throw new ArgumentException($"Coordinates come in pairs; {xy.Length} values were given.", nameof(xy));
        var (newHeight, newWidth) = PreprocessShape(height, width);
        double perX = (double)newWidth / width, perY = (double)newHeight / height;
        for (int i = 0; i < xy.Length; i += 2)
        {
            xy[i] *= perX;
            xy[i + 1] *= perY;
        }
    }

    /// <summary>apply_boxes for [N, 4] values x1, y1, x2, y2, ..., in place.</summary>
    /// <exception cref="ArgumentException">The number of values is no multiple of 4.</exception>
    public void ApplyBoxes(Span<double> xyxy, int height, int width)
    {
        if (xyxy.Length % 4 != 0) throw new ArgumentException($"A box has 4 values; {xyxy.Length} were given.", nameof(xyxy));
        ApplyCoords(xyxy, height, width);
    }
}
