using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>What all small networks see of an image: its mask features and coordinates.</summary>
/// <param name="Rows">[B, MaskFeatures + 3, cells]: features, x, y and 1.</param>
/// <param name="X">[W]: centers of the columns, in cells of the finest level.</param>
/// <param name="Y">[H]: centers of the rows.</param>
internal sealed record MaskBasis(Tensor Rows, Tensor X, Tensor Y)
{
    /// <summary>The basis of mask features.</summary>
    /// <param name="features">[B, MaskFeatures, H, W], float32.</param>
    /// <param name="cell">Side of a cell of <paramref name="features"/>, in cells of the finest level: 1, or 2 for a coarse look.</param>
    public static MaskBasis Of(Tensor features, double cell)
    {
        long batch = features.shape[0], height = features.shape[2], width = features.shape[3];
        Tensor x = (arange(width, ScalarType.Float32, features.device) + 0.5) * cell, y = (arange(height, ScalarType.Float32, features.device) + 0.5) * cell;
        Tensor plane = stack([x.repeat(height), y.repeat_interleave(width), ones(height * width, device: features.device)],
            0).unsqueeze(0).expand(batch, -1, -1);
        return new(cat([features.flatten(2), plane], 1), x, y);
    }
}
