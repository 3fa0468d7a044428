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

    /// <summary>To a longer side, keeping the ratio: the image bilinear, masks by their nearest pixel.</summary>
    public InstanceView Resize(int longerSide)
    {
        using var scope = NewDisposeScope();
        var frame = ResizedFrame.Of(Height, Width, longerSide);
        long[] size = [frame.ResizedHeight, frame.ResizedWidth];
        var image = F.interpolate(Image.unsqueeze(0), size, mode: InterpolationMode.Bilinear, align_corners: false).squeeze(0);
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
        bool[] there = Masks.shape[0] == 0 ? [] : Masks.flatten(1).gt(0).any(1).cpu().data<bool>().ToArray();
        int[] kept = [.. Enumerable.Range(0, there.Length).Where(i => there[i])];
        return kept.Length == there.Length ? this
            : this with { Masks = Kept(Masks, kept).MoveToOuterDisposeScope(), Boxes = [.. kept.Select(i => Boxes[i])], Labels = [.. kept.Select(i => Labels[i])] };
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
        if (masks.shape[0] == 0) return [];
        var (rows, columns) = (Extents(masks.gt(0).any(2)), Extents(masks.gt(0).any(1)));
        return [.. rows.Zip(columns).Select(p => new BoxF(p.Second.First, p.First.First, p.Second.End, p.First.End))];
    }

    private static (int First, int End)[] Extents(Tensor any)
    {
        int count = (int)any.shape[0], length = (int)any.shape[1];
        bool[] values = any.cpu().contiguous().data<bool>().ToArray();
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var row = values.AsSpan(i * length, length);
            return row.IndexOf(true) is var first and >= 0 ? (first, row.LastIndexOf(true) + 1) : (0, 0);
        })];
    }

    private static Tensor Kept(Tensor masks, int[] rows) => masks.index_select(0, tensor([.. rows.Select(r => (long)r)], device: masks.device));

    private static Tensor Nearest(long output, long input, Device device) =>
        tensor([.. Enumerable.Range(0, (int)output).Select(i => i * input / output)], device: device);
}

/// <summary>The augmentations of the released configurations: a flip, large-scale jitter, a crop.</summary>
internal static class LargeScaleJitter
{
    private const double Least = 0.1, Most = 2.0;

    /// <summary>A random view of at most this side.</summary>
    public static InstanceView Draw(InstanceView view, int side, Random random)
    {
        using var scope = NewDisposeScope();
        if (random.Next(2) == 0) view = view.Flip();
        view = view.Resize(Math.Max(1, (int)(side * (Least + (Most - Least) * random.NextDouble()))));
        view = view.Crop(random.Next(Math.Max(0, view.Height - side) + 1), random.Next(Math.Max(0, view.Width - side) + 1), side).WithoutEmpty();
        view.Image.MoveToOuterDisposeScope();
        view.Masks.MoveToOuterDisposeScope();
        return view;
    }
}
