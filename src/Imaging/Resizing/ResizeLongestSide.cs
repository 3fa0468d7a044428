namespace SemanticSam.Imaging.Resizing;

/// <summary>SAM's ResizeLongestSide: image sizes and prompt coordinates between the original image and the one the encoder sees.</summary>
/// <param name="side">Longer side of the encoder's image, at least 1; 1024 for the released models.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="side"/> is below 1.</exception>
internal sealed class ResizeLongestSide(int side)
{
    /// <summary>Longer side of the encoder's image in pixels.</summary>
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
    /// <param name="x">Pixels of the original image.</param>
    /// <param name="y">Pixels of the original image.</param>
    /// <param name="height">Rows of the original image.</param>
    /// <param name="width">Columns of the original image.</param>
    public (double X, double Y) ApplyCoords(double x, double y, int height, int width)
    {
        var (newHeight, newWidth) = PreprocessShape(height, width);
        return (x * ((double)newWidth / width), y * ((double)newHeight / height));
    }
}
