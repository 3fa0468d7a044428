namespace SemanticSam.Imaging.Resizing;

/// <summary>How new pixels are weighed from old ones; the names and formulas are Pillow's.</summary>
internal enum ResizeFilter
{
    /// <summary>Triangle, antialiased when shrinking.</summary>
    Bilinear,

    /// <summary>Cubic with a = -0.5, antialiased when shrinking.</summary>
    Bicubic,
}

/// <summary>
/// Resizes as Pillow's <c>Image.resize</c> does, bit for bit: 22-bit integer weights, columns first, each pass rounded to bytes, a pass that
/// does not change its size left out.
/// </summary>
internal static class Resize
{
    /// <summary>A new image of the given size; the proportions are the caller's matter.</summary>
    /// <param name="image">The image; it is not changed.</param>
    /// <param name="width">New columns, at least 1.</param>
    /// <param name="height">New rows, at least 1.</param>
    /// <param name="filter">How pixels are weighed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, the filter is unknown, or the result exceeds the largest array.</exception>
    public static RgbImage To(RgbImage image, int width, int height, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (!Enum.IsDefined(filter)) throw new ArgumentOutOfRangeException(nameof(filter), filter, "Not a filter.");
        if (width == image.Width && height == image.Height) return new(width, height, (byte[])image.Pixels.Clone());
        return Run(image, width, height, filter, vectors: true);
    }

    /// <summary>As <see cref="To"/>; tests compare the plain code with the vector code.</summary>
    internal static RgbImage Run(RgbImage image, int width, int height, ResizeFilter filter, bool vectors)
    {
        RgbImage result = image;
        if (width != image.Width) result = ResizePasses.Columns(result, ResizeWeights.Create(image.Width, width, filter), vectors);
        if (height != image.Height) result = ResizePasses.Rows(result, ResizeWeights.Create(image.Height, height, filter), vectors);
        return result;
    }

    /// <summary>The longer side becomes <paramref name="side"/>, as SAM's ResizeLongestSide.apply_image does (bilinear).</summary>
    /// <param name="image">The image.</param>
    /// <param name="side">New longer side, at least 1.</param>
    /// <param name="filter">How pixels are weighed.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="side"/> is below 1, or the image is so narrow that its shorter side would become
    /// 0.</exception>
    public static RgbImage LongestSide(RgbImage image, int side, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (height, width) = new ResizeLongestSide(side).PreprocessShape(image.FullHeight, image.FullWidth);
        if (height < 1 || width < 1)
            throw new ArgumentOutOfRangeException(nameof(image),
                $"An image of {image.FullWidth} x {image.FullHeight} would become {width} x {height}: its sides differ too much.");
        return To(image, width, height, filter);
    }

    /// <summary>
    /// The shorter side becomes <paramref name="side"/>, the longer floor(side * long / short): Semantic-SAM's (bicubic) and CLIP's resize.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="side">New shorter side, at least 1.</param>
    /// <param name="filter">How pixels are weighed.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="side"/> is below 1, or the result exceeds the largest array.</exception>
    public static RgbImage ShortestSide(RgbImage image, int side, ResizeFilter filter = ResizeFilter.Bicubic)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (width, height) = ShortestSideShape(image.FullWidth, image.FullHeight, side);
        return To(image, width, height, filter);
    }

    /// <summary>Size that <see cref="ShortestSide"/> gives.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="side"/> is below 1, or the longer side would exceed the integers.</exception>
    public static (int Width, int Height) ShortestSideShape(int width, int height, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        long longer = (long)side * Math.Max(width, height) / Math.Min(width, height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longer, int.MaxValue, nameof(side));
        return width <= height ? (side, (int)longer) : ((int)longer, side);
    }
}
