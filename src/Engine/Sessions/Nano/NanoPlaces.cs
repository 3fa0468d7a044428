using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Masks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>From prompts in pixels of the original image to places in cells of the network's finest level.</summary>
/// <param name="geometry">Sizes of the image.</param>
internal sealed class NanoPlaces(ImageGeometry geometry)
{
    private readonly float _across = (float)geometry.Unpadded.Width / geometry.Output.Width / NanoModel.Stride;
    private readonly float _down = (float)geometry.Unpadded.Height / geometry.Output.Height / NanoModel.Stride;

    /// <summary>Cells of the finest level, padding included.</summary>
    public PixelSize Cells { get; } = new(geometry.Padded.Height / NanoModel.Stride, geometry.Padded.Width / NanoModel.Stride);

    /// <summary>Cells that the image reaches into.</summary>
    public PixelSize Valid { get; } = new((geometry.Unpadded.Height + NanoModel.Stride - 1) / NanoModel.Stride,
        (geometry.Unpadded.Width + NanoModel.Stride - 1) / NanoModel.Stride);

    /// <summary>A place in cells.</summary>
    public (float X, float Y) Cell(double x, double y) => ((float)x * _across, (float)y * _down);

    /// <summary>All that a prompt says of a place, together, as the network was trained.</summary>
    public NanoPlace Of(Prompt prompt) => new()
    {
        Clicks = [.. prompt.Points.Select(p => (p.X * _across, p.Y * _down, p.Positive))],
        Box = prompt.Box is { } box ? (box.X1 * _across, box.Y1 * _down, box.X2 * _across, box.Y2 * _down) : null,
        Previous = prompt.Logits is { } logits ? logits.Values.ToArray() : prompt.Mask is { } mask ? NanoPlace.LogitsOf(Shares(mask)) : null,
    };

    /// <summary>The share of each cell that a mask of the image covers.</summary>
    public float[] Shares(Rle mask)
    {
        using var scope = NewDisposeScope();
        Tensor full = tensor(mask.ToBools(), [1, 1, mask.Height, mask.Width]).to(ScalarType.Float32);
        Tensor shown = F.interpolate(full, [geometry.Unpadded.Height, geometry.Unpadded.Width], mode: InterpolationMode.Bilinear,
            align_corners: false, antialias: true);
        shown = F.pad(shown, [0, geometry.Padded.Width - geometry.Unpadded.Width, 0, geometry.Padded.Height - geometry.Unpadded.Height]);
        return TensorValues.Floats(F.avg_pool2d(shown, NanoModel.Stride));
    }
}
