using SemanticSam.Masks;
using SkiaSharp;

namespace SemanticSam.Imaging.Overlays;

/// <summary>Draws results over their image: colors, outlines, names, and what was asked for.</summary>
public static class OverlayPainter
{
    /// <summary>
    /// An image of the same size with the results drawn over it. Smaller masks lie over larger ones. Of a reduced image (<see cref="RgbImage.FullWidth"/>)
    /// masks and prompts are in the pixels of the image that it stands for; what is painted is reduced as it is.
    /// </summary>
    /// <param name="image">The image; it is not changed.</param>
    /// <param name="results">The results; the color follows from the place in the list.</param>
    /// <param name="options">Looks, and points and boxes to mark; null takes <see cref="OverlayOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">A mask has another size than the image.</exception>
    public static RgbImage Paint(RgbImage image, IReadOnlyList<MaskResult> results, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        return Paint(image, [.. results.Select(OverlayMask.From)], options);
    }

    /// <summary>An image of the same size with masks drawn over it. Smaller masks lie over larger ones.</summary>
    /// <param name="image">The image; it is not changed.</param>
    /// <param name="masks">The masks; the color follows from the place in the list. Empty ones are passed over.</param>
    /// <param name="options">Looks, and points and boxes to mark; null takes <see cref="OverlayOptions.Default"/>.</param>
    /// <exception cref="ArgumentException">A mask has another size than the image.</exception>
    public static RgbImage Paint(RgbImage image, IReadOnlyList<OverlayMask> masks, OverlayOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(masks);
        options ??= OverlayOptions.Default;
        foreach (OverlayMask m in masks)
            if (m.Mask.Width != image.FullWidth || m.Mask.Height != image.FullHeight)
                throw new ArgumentException($"A mask is {m.Mask.Width} x {m.Mask.Height}, but the image is {image.FullWidth} x {image.FullHeight}.",
                    nameof(masks));
        if (image.IsReduced)
        {
            masks = [.. masks.Select(m => m with { Mask = m.Mask.Sampled(image.Height, image.Width) })];
            options = options.Scaled((float)image.Width / image.FullWidth, (float)image.Height / image.FullHeight);
        }

        int[] largeFirst = [.. Enumerable.Range(0, masks.Count).Where(i => !masks[i].Mask.IsEmpty).OrderByDescending(i => masks[i].Mask.Area).ThenBy(i => i)];
        var filled = new RgbImage(image.Width, image.Height, (byte[])image.Pixels.Clone());
        OverlayFill.Run(filled, [.. largeFirst.Reverse().Select(i => (masks[i].Mask, OverlayColors.Of(i)))], options.FillOpacity);

        using SKBitmap bitmap = RgbBitmap.Create(filled);
        using var canvas = new SKCanvas(bitmap);
        var pen = new OverlayPen(canvas, image.Width, image.Height, options.Scale);
        foreach (int i in largeFirst) pen.Outline(Contours.Trace(masks[i].Mask), OverlayColors.Of(i), masks[i].IsPart);
        foreach (BoxF box in options.Boxes) pen.Box(box);
        if (options.Labels) pen.Labels(largeFirst, masks, options.Points);
        foreach (var (x, y, positive) in options.Points) pen.Point(x, y, positive);
        canvas.Flush();
        return RgbBitmap.ToImage(bitmap);
    }
}
