using SemanticSam.Imaging.Resizing;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>Resizing with Pillow's weights, as <see cref="Resize"/> does it to files, of images that lie on a device, in floats.</summary>
internal static class AntialiasedResize
{
    /// <summary>An image of another size.</summary>
    /// <param name="image">[C, H, W].</param>
    /// <param name="height">New rows.</param>
    /// <param name="width">New columns.</param>
    /// <returns>[C, height, width], in the caller's dispose scope.</returns>
    public static Tensor Of(Tensor image, int height, int width)
    {
        using var scope = NewDisposeScope();
        return Axis(Axis(image, 1, height), 2, width).MoveToOuterDisposeScope();
    }

    /// <summary>A sum of as many images as a new pixel has old ones: no product with the zeros of a whole matrix.</summary>
    private static Tensor Axis(Tensor image, int axis, int output)
    {
        int input = (int)image.shape[axis];
        var weights = ResizeWeights.Create(input, output, ResizeFilter.Bilinear);
        Tensor? sum = null;
        for (int tap = 0; tap < weights.Counts.Max(); tap++)
        {
            // What follows the last old pixel has the weight 0: any will do.
            var places = tensor([.. weights.Starts.Select(s => (long)Math.Min(s + tap, input - 1))], device: image.device);
            float[] shares = [.. Enumerable.Range(0, output).Select(o => weights.Values[o * weights.Stride + tap] / (float)(1 << ResizeWeights.PrecisionBits))];
            var part = image.index_select(axis, places).mul_(tensor(shares, device: image.device).view(axis == 1 ? [-1, 1] : [-1]));
            sum = sum is null ? part : sum.add_(part);
        }
        return sum!;
    }
}
