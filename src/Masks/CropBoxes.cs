namespace SemanticSam.Masks;

/// <summary>Overlapping crops of an image, and the way back from a crop to the image (SAM's <c>utils/amg.py</c>).</summary>
internal static class CropBoxes
{
    /// <summary>SAM's default overlap of neighboring crops, as a share of the image's shorter side.</summary>
    public const double DefaultOverlapRatio = 512.0 / 1500;

    /// <summary>
    /// The whole image as layer 0, then for layer i = 1, 2, ... a grid of 2^i x 2^i overlapping crops, column by column; those in which nothing
    /// would be are left out, and so are layers whose crops are tiny.
    /// </summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="layers">Layers beyond the whole image.</param>
    /// <param name="overlapRatio">Overlap in the first layer over the shorter side; halved with each further layer.</param>
    /// <param name="leastPixels">A layer whose crops have fewer is left out, and so are those after it. The reference has no such limit.</param>
    public static (BoxI Box, int Layer)[] Generate(int height, int width, int layers, double overlapRatio = DefaultOverlapRatio, int leastPixels = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        List<(BoxI, int)> crops = [(new(0, 0, width, height), 0)];
        for (int layer = 1; layer <= layers; layer++)
        {
            var (cropWidth, cropHeight, overlap) = SizeOf(height, width, layer, overlapRatio);
            if ((long)cropWidth * cropHeight < leastPixels) break;
            int side = 1 << layer;
            for (int column = 0; column < side; column++)
            {
                for (int row = 0; row < side; row++)
                {
                    int left = (cropWidth - overlap) * column, top = (cropHeight - overlap) * row;
                    var crop = new BoxI(left, top, Math.Min(left + cropWidth, width), Math.Min(top + cropHeight, height));
                    // Of a tiny image nothing is left for the last crops, or a single pixel, which no model takes.
                    if (crop.Width >= 1 && crop.Height >= 1 && crop.Width * crop.Height >= 2) crops.Add((crop, layer));
                }
            }
        }
        return [.. crops];
    }

    /// <summary>Columns and rows of the crops of a layer, but of those at the right and bottom edges, and by how much they overlap.</summary>
    public static (int Width, int Height, int Overlap) SizeOf(int height, int width, int layer, double overlapRatio)
    {
        int side = 1 << layer, overlap = (int)(overlapRatio * Math.Min(height, width) * (2.0 / side));
        return (Length(width, side, overlap), Length(height, side, overlap), overlap);
    }

    /// <summary>
    /// The crops in the order in which their masks win: the smaller crop before the larger, equal ones as given. The reference scores them
    /// by 1 / area in float32.
    /// </summary>
    public static (BoxI Box, int Layer)[] ByPriority(IEnumerable<(BoxI Box, int Layer)> crops) =>
        [.. crops.OrderByDescending(c => 1 / ((float)c.Box.Width * c.Box.Height))];

    /// <summary>
    /// True when a side of a box lies on a side of its crop that is not a side of the image:
    /// the mask was probably cut there.
    /// </summary>
    /// <param name="box">XYXY in pixels of the crop.</param>
    /// <param name="crop">The crop it was found in, in pixels of the image.</param>
    /// <param name="image">The whole image.</param>
    /// <param name="tolerance">Pixels, inclusive.</param>
    public static bool IsNearCropEdge(BoxF box, BoxI crop, BoxI image, float tolerance = 20)
    {
        box = Uncrop(box, crop);
        bool Cut(float side, int ofCrop, int ofImage) =>
            MathF.Abs(side - ofCrop) <= tolerance && !(MathF.Abs(side - ofImage) <= tolerance);
        return Cut(box.X1, crop.Left, image.Left) || Cut(box.Y1, crop.Top, image.Top)
            || Cut(box.X2, crop.Right, image.Right) || Cut(box.Y2, crop.Bottom, image.Bottom);
    }

    /// <summary>A box in pixels of a crop, in pixels of the image. Masks: <see cref="Rle.Paste"/>.</summary>
    public static BoxF Uncrop(BoxF box, BoxI crop) => new(box.X1 + crop.Left, box.Y1 + crop.Top, box.X2 + crop.Left, box.Y2 + crop.Top);

    /// <summary>A point in pixels of a crop, in pixels of the image.</summary>
    public static (double X, double Y) Uncrop((double X, double Y) point, BoxI crop) => (point.X + crop.Left, point.Y + crop.Top);

    private static int Length(int whole, int crops, int overlap) => (int)Math.Ceiling((overlap * (crops - 1) + whole) / (double)crops);
}
