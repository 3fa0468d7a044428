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
        return new(Math.Max(0, centerX - width), Math.Max(0, centerY - height), Math.Min(image.Width, centerX + width), Math.Min(image.Height, centerY + height));
    }

    /// <summary>The window of an image, blurred outside of the mask.</summary>
    public static RgbImage Cut(RgbImage image, Rle mask, BoxI window)
    {
        bool[] inside = mask.ToBools();
        var crop = new RgbImage(window.Width, window.Height);
        for (int y = window.Top; y < window.Bottom; y++)
            for (int x = window.Left; x < window.Right; x++)
                for (int c = 0; c < 3; c++)
                    crop.Pixels[((y - window.Top) * window.Width + x - window.Left) * 3 + c] =
                        inside[y * image.Width + x] ? image.Pixels[(y * image.Width + x) * 3 + c] : Mean(image, x, y, c);
        return crop;
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
    /// <param name="twice">The softmax of a softmax, as the released script takes it.</param>
    public static Tensor Scores(Tensor logits, bool twice)
    {
        using var scope = NewDisposeScope();
        var probabilities = logits.softmax(-1);
        if (twice) probabilities = probabilities.softmax(-1);
        return probabilities.narrow(-1, 0, logits.shape[^1] - 1).MoveToOuterDisposeScope();
    }

    /// <summary>Mean of 7 x 7 pixels; beyond a border it is mirrored, without the border's own pixel.</summary>
    private static byte Mean(RgbImage image, int x, int y, int channel)
    {
        int sum = 0;
        for (int dy = -Blur / 2; dy <= Blur / 2; dy++)
            for (int dx = -Blur / 2; dx <= Blur / 2; dx++)
                sum += image.Pixels[(Mirrored(y + dy, image.Height) * image.Width + Mirrored(x + dx, image.Width)) * 3 + channel];
        return (byte)((2 * sum + Blur * Blur) / (2 * Blur * Blur));
    }

    private static int Mirrored(int at, int length)
    {
        if (length == 1) return 0;
        while (at < 0 || at >= length) at = at < 0 ? -at : 2 * length - 2 - at;
        return at;
    }
}
