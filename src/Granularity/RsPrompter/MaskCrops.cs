using SemanticSam.Imaging;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>SAM-cls: what a classifier sees of a mask: the image around it, blurred but for the mask itself.</summary>
internal static class MaskCrops
{
    /// <summary>Crops with fewer pixels are not classified.</summary>
    public const int LeastPixels = 16;

    /// <summary>Masks whose box is narrower are not classified.</summary>
    public const int LeastSide = 4;

    private const double LeastOverlap = 0.2;

    private const int Blur = 7;

    /// <summary>The window of a mask's box, doubled around its center and cut at the image's borders.</summary>
    /// <param name="x">Left of the box.</param>
    /// <param name="y">Top of the box.</param>
    /// <param name="width">Right minus left pixel of the mask.</param>
    /// <param name="height">Bottom minus top pixel of the mask.</param>
    /// <param name="image">Size of the image.</param>
    public static BoxI Window(int x, int y, int width, int height, PixelSize image)
    {
        int centerX = x + width / 2, centerY = y + height / 2;
        return new(Math.Max(0, centerX - width), Math.Max(0, centerY - height), Math.Min(image.Width, centerX + width),
            Math.Min(image.Height, centerY + height));
    }

    /// <summary>The box of a mask as the released script measures it, with its last pixels as its ends; null if it is too narrow to be classified.</summary>
    public static (int X, int Y, int Width, int Height)? BoxOf(Rle mask)
    {
        var bounds = mask.Bounds;
        var box = (X: bounds.Left, Y: bounds.Top, Width: bounds.Width - 1, Height: bounds.Height - 1);
        return box.Width < LeastSide || box.Height < LeastSide ? null : box;
    }

    /// <summary>The window of a mask; null if it, or its mask, is too small to be classified.</summary>
    public static BoxI? WindowOf(Rle mask) => BoxOf(mask) is { } box && Window(box.X, box.Y, box.Width, box.Height,
        new PixelSize(mask.Height, mask.Width)) is var window
        && window.Width * window.Height >= LeastPixels ? window : null;

    /// <summary>The window of an image, blurred outside of the mask.</summary>
    /// <param name="image">The image.</param>
    /// <param name="blurred">The same from <see cref="Blurred"/>.</param>
    /// <param name="mask">The mask.</param>
    /// <param name="window">Of the mask.</param>
    public static RgbImage Cut(RgbImage image, RgbImage blurred, Rle mask, BoxI window)
    {
        bool[] inside = mask.ToBools();
        var crop = new RgbImage(window.Width, window.Height);
        for (int y = window.Top; y < window.Bottom; y++)
            for (int x = window.Left; x < window.Right; x++)
            {
                int from = (y * image.Width + x) * 3, to = ((y - window.Top) * window.Width + x - window.Left) * 3;
                (inside[y * image.Width + x] ? image : blurred).Pixels.AsSpan(from, 3).CopyTo(crop.Pixels.AsSpan(to, 3));
            }
        return crop;
    }

    /// <summary>Means of 7 x 7 pixels, rounded; beyond a border the image is mirrored, without the border's own pixel.</summary>
    public static RgbImage Blurred(RgbImage image)
    {
        var (width, height) = (image.Width, image.Height);
        var ofRows = new int[width * height * 3]; // sums along rows, then of these along columns
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                    for (int d = -Blur / 2; d <= Blur / 2; d++)
                        ofRows[(y * width + x) * 3 + c] += image.Pixels[(y * width + Mirrored(x + d, width)) * 3 + c];
        var blurred = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
            for (int i = 0; i < width * 3; i++)
            {
                int sum = 0;
                for (int d = -Blur / 2; d <= Blur / 2; d++) sum += ofRows[Mirrored(y + d, height) * width * 3 + i];
                blurred.Pixels[y * width * 3 + i] = (byte)((2 * sum + Blur * Blur) / (2 * Blur * Blur));
            }
        return blurred;
    }

    /// <summary>The class that a mask is an example of: that of the truth which overlaps its box most; null for background.</summary>
    /// <param name="overlaps">IoU of the mask's box with each box of the truth.</param>
    /// <param name="labels">Class of each box of the truth.</param>
    public static int? LabelOf(IReadOnlyList<float> overlaps, IReadOnlyList<int> labels)
    {
        int best = -1;
        for (int g = 0; g < overlaps.Count; g++)
            if (overlaps[g] > LeastOverlap && (best < 0 || overlaps[g] > overlaps[best])) best = g;
        return best < 0 ? null : labels[best];
    }

    /// <summary>Scores of classes, [N, classes], of a classifier's logits [N, classes + 1], the background last.</summary>
    /// <param name="logits">Of the classifier.</param>
    /// <param name="twice">The softmax of a softmax, as the released script takes it: a slip that flattens all scores, for comparing numbers alone.</param>
    public static Tensor Scores(Tensor logits, bool twice)
    {
        using var scope = NewDisposeScope();
        var probabilities = logits.softmax(-1);
        if (twice) probabilities = probabilities.softmax(-1);
        return probabilities.narrow(-1, 0, logits.shape[^1] - 1).MoveToOuterDisposeScope();
    }

    private static int Mirrored(int at, int length)
    {
        if (length == 1) return 0;
        while (at < 0 || at >= length) at = at < 0 ? -at : 2 * length - 2 - at;
        return at;
    }
}
