using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>An image encoded at some size, and answers brought back to its own.</summary>
internal sealed class NanoEncoding : IDisposable
{
    private readonly int _height, _width, _shownHeight, _shownWidth;

    /// <param name="model">The network.</param>
    /// <param name="image">The image.</param>
    /// <param name="longer">Its longer side is brought to this many pixels.</param>
    /// <param name="device">Where to compute.</param>
    public NanoEncoding(NanoModel model, RgbImage image, int longer, Device device)
    {
        RgbImage shown = Math.Max(image.Width, image.Height) == longer ? image : Resize.LongestSide(image, longer);
        (_height, _width, _shownHeight, _shownWidth) = (image.Height, image.Width, shown.Height, shown.Width);
        using var scope = NewDisposeScope();
        Tensor pixels = tensor(shown.Pixels, shown.Height, shown.Width, 3, dtype: ScalarType.Byte).to(device).to(ScalarType.Float32).flip(-1)
            - tensor(NanoModel.ChannelMeans).to(device);
        long below = Padding(shown.Height), right = Padding(shown.Width);
        pixels = nn.functional.pad(pixels, [0, 0, 0, right, 0, below]).unsqueeze(0).permute(0, 3, 1, 2);
        Answers = new NanoInference(model, pixels, shown.Height, shown.Width);
    }

    /// <summary>Answers on the network's own cells.</summary>
    public NanoInference Answers { get; }

    /// <summary>Cells of the finest level a pixel of the image.</summary>
    public double CellsAPixel => (double)_shownWidth / _width / NanoModel.Stride;

    /// <summary>Logits at the image's own size, [N, height, width].</summary>
    /// <param name="logits">[N, Height, Width] of the finest level.</param>
    public Tensor Enlarge(Tensor logits)
    {
        using var scope = NewDisposeScope();
        Tensor large = nn.functional.interpolate(logits.unsqueeze(0), scale_factor: [4.0, 4.0], mode: InterpolationMode.Bilinear, align_corners: false);
        large = large.slice(2, 0, _shownHeight, 1).slice(3, 0, _shownWidth, 1);
        if (_shownHeight != _height || _shownWidth != _width)
            large = nn.functional.interpolate(large, [_height, _width], mode: InterpolationMode.Bilinear, align_corners: false);
        return large.squeeze(0).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Answers.Dispose();

    private static long Padding(int side) => (NanoModel.Multiple - side % NanoModel.Multiple) % NanoModel.Multiple;
}
