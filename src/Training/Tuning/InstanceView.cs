using SemanticSam.Granularity.RsPrompter;
using SemanticSam.Masks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>
/// An image with its instances on the way into the network, as the augmentations of the released configurations change it. Each step gives a new view;
/// all belong to the caller's dispose scope.
/// </summary>
/// <param name="Image">[3, H, W] float32, 0 to 255.</param>
/// <param name="Masks">[N, H, W] bytes, 0 or 1.</param>
/// <param name="Boxes">Of the instances.</param>
/// <param name="Labels">Their classes.</param>
internal sealed record InstanceView(Tensor Image, Tensor Masks, IReadOnlyList<BoxF> Boxes, IReadOnlyList<int> Labels)
{
    /// <summary>Rows.</summary>
    public int Height => (int)Image.shape[1];

    /// <summary>Columns.</summary>
    public int Width => (int)Image.shape[2];

    /// <summary>Left and right exchanged.</summary>
    public InstanceView Flip() => this with
    {
        Image = Image.flip(2),
        Masks = Masks.flip(2),
        Boxes = [.. Boxes.Select(b => new BoxF(Width - b.X2, b.Y1, Width - b.X1, b.Y2))],
    };

    /// <summary>Turned to the left.</summary>
    /// <param name="quarters">How often by 90 degrees, 0 to 3.</param>
    public InstanceView Turn(int quarters) => quarters == 0 ? this : this with
    {
        Image = Image.rot90(quarters, (1, 2)),
        Masks = Masks.rot90(quarters, (1, 2)),
        Boxes = [.. Boxes.Select(b => quarters switch
        {
            1 => new BoxF(b.Y1, Width - b.X2, b.Y2, Width - b.X1),
            2 => new BoxF(Width - b.X2, Height - b.Y2, Width - b.X1, Height - b.Y1),
            _ => new BoxF(Height - b.Y2, b.X1, Height - b.Y1, b.X2),
        })],
    };

    /// <summary>To a longer side, keeping the ratio: the image bilinear, masks by their nearest pixel.</summary>
    /// <param name="longerSide">Pixels.</param>
    /// <param name="antialias">
    /// Whether an image that becomes smaller is smoothed, as it is when a model is used; the released code does not. Else thin things are broken up in
    /// training that are whole in use.
    /// </param>
    public InstanceView Resize(int longerSide, bool antialias = false)
    {
        using var scope = NewDisposeScope();
        var frame = ResizedFrame.Of(Height, Width, longerSide);
        long[] size = [frame.ResizedHeight, frame.ResizedWidth];
        var image = antialias && size[0] < Height ? AntialiasedResize.Of(Image, (int)size[0], (int)size[1])
            : F.interpolate(Image.unsqueeze(0), size, mode: InterpolationMode.Bilinear, align_corners: false).squeeze(0);
        // The nearest pixel is that of floor(i * in / out), in whole numbers.
        var masks = Masks.index_select(1, Nearest(size[0], Height, Masks.device)).index_select(2, Nearest(size[1], Width, Masks.device));
        return new(image.MoveToOuterDisposeScope(), masks.MoveToOuterDisposeScope(), [.. Boxes.Select(frame.ToResized)], Labels);
    }

    /// <summary>A square of at most this side; instances whose box is outside are gone, the others' boxes are those of what is left of their masks.</summary>
    /// <param name="top">First row.</param>
    /// <param name="left">First column.</param>
    /// <param name="side">Of the square.</param>
    public InstanceView Crop(int top, int left, int side)
    {
        using var scope = NewDisposeScope();
        int height = Math.Min(side, Height - top), width = Math.Min(side, Width - left);
        int[] kept = [.. Enumerable.Range(0, Boxes.Count).Where(i =>
            Math.Min(Boxes[i].X2 - left, width) > Math.Max(Boxes[i].X1 - left, 0) && Math.Min(Boxes[i].Y2 - top, height) > Math.Max(Boxes[i].Y1 - top, 0))];
        var masks = Kept(Masks.narrow(1, top, height).narrow(2, left, width), kept);
        return new InstanceView(Image.narrow(1, top, height).narrow(2, left, width).clone().MoveToOuterDisposeScope(), masks.MoveToOuterDisposeScope(),
            BoxesOf(masks), [.. kept.Select(i => Labels[i])]);
    }

    /// <summary>Without instances of which no pixel is left.</summary>
    public InstanceView WithoutEmpty()
    {
        using var scope = NewDisposeScope();
        var boxes = BoxesOf(Masks);
        int[] kept = [.. Enumerable.Range(0, boxes.Length).Where(i => boxes[i].Width > 0)];
        return kept.Length == boxes.Length ? this
            : this with
            {
                Masks = Kept(Masks, kept).MoveToOuterDisposeScope(), Boxes = [.. kept.Select(i => Boxes[i])], Labels = [.. kept.Select(i => Labels[i])],
            };
    }

    /// <summary>A square with nothing at the right and bottom; a view that is padded is not resized any more.</summary>
    /// <param name="side">At least the longer side.</param>
    /// <returns>The normalized image, [3, side, side], and its instances.</returns>
    public (Tensor Pixels, InstanceTruth Truth) Pad(int side)
    {
        using var scope = NewDisposeScope();
        var pixels = SemanticSam.Granularity.Layers.PixelStatistics.ImageNet.Normalize(Image.unsqueeze(0), side, side).squeeze(0);
        var masks = F.pad(Masks, [0, side - Width, 0, side - Height]);
        return (pixels.MoveToOuterDisposeScope(), new InstanceTruth(Boxes, Labels, masks.MoveToOuterDisposeScope()));
    }

    /// <summary>Boxes around masks, right and bottom outside; of an empty mask all 0.</summary>
    internal static BoxF[] BoxesOf(Tensor masks)
    {
        using var scope = NewDisposeScope();
        var (count, height, width) = ((int)masks.shape[0], (int)masks.shape[1], (int)masks.shape[2]);
        if (count == 0) return [];
        var bytes = masks.cpu().contiguous().bytes;
        var boxes = new BoxF[count];
        for (int m = 0; m < count; m++) boxes[m] = BoxOf(bytes.Slice(m * height * width, height * width), height, width);
        return boxes;
    }

    private static BoxF BoxOf(ReadOnlySpan<byte> mask, int height, int width)
    {
        int left = width, right = -1, top = -1, bottom = -1;
        for (int y = 0; y < height; y++)
        {
            var row = mask.Slice(y * width, width);
            int first = row.IndexOf((byte)1);
            if (first < 0) continue;
            if (top < 0) top = y;
            (bottom, left, right) = (y, Math.Min(left, first), Math.Max(right, row.LastIndexOf((byte)1)));
        }
        return right < 0 ? default : new(left, top, right + 1, bottom + 1);
    }

    private static Tensor Kept(Tensor masks, int[] rows) => masks.index_select(0, tensor([.. rows.Select(r => (long)r)], device: masks.device));

    private static Tensor Nearest(long output, long input, Device device) =>
        tensor([.. Enumerable.Range(0, (int)output).Select(i => i * input / output)], device: device);
}

/// <summary>Scales that views are drawn at.</summary>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
internal readonly record struct ScaleRange(double Least, double Most)
{
    /// <summary>Those of the released configurations.</summary>
    public static ScaleRange Released { get; } = new(0.1, 2);

    /// <summary>From 0 for the smallest to 1 for the largest.</summary>
    public double At(double share) => Least + (Most - Least) * share;
}

/// <summary>The augmentations of the released configurations: a flip, large-scale jitter, a crop.</summary>
internal static class LargeScaleJitter
{
    /// <summary>A random view of at most this side.</summary>
    /// <param name="view">The image.</param>
    /// <param name="side">Of the view.</param>
    /// <param name="scales">What the longer side is scaled to, over the whole side.</param>
    /// <param name="random">Chooses.</param>
    /// <param name="whole">
    /// Side that whole images are seen at, where views are smaller pieces of them; null for <paramref name="side"/>. Most pieces at random would be empty: one
    /// instance, chosen at random, is where the piece is.
    /// </param>
    public static InstanceView Draw(InstanceView view, int side, ScaleRange scales, Random random, int? whole = null)
    {
        using var scope = NewDisposeScope();
        if (random.Next(2) == 0) view = view.Flip();
        view = view.Resize(Math.Max(1, (int)((whole ?? side) * scales.At(random.NextDouble()))), antialias: true);
        int top = random.Next(Math.Max(0, view.Height - side) + 1), left = random.Next(Math.Max(0, view.Width - side) + 1);
        if (whole is not null && view.Boxes.Count > 0)
        {
            var middle = view.Boxes[random.Next(view.Boxes.Count)];
            (top, left) = (Around((middle.Y1 + middle.Y2) / 2, view.Height), Around((middle.X1 + middle.X2) / 2, view.Width));
        }
        view = view.Crop(top, left, side).WithoutEmpty();
        view.Image.MoveToOuterDisposeScope();
        view.Masks.MoveToOuterDisposeScope();
        return view;

        // One of the places from which a view holds a point.
        int Around(float point, int length)
        {
            int last = Math.Max(0, length - side);
            return random.Next(Math.Clamp((int)point - side + 1, 0, last), Math.Clamp((int)point, 0, last) + 1);
        }
    }
}
