using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Sam;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Zoo;

/// <summary>
/// SAM's trained at another image size than 1024, such as 512: the encoder's own position embedding says which, and the model sees images of that size.
/// Tables of relative positions that were not brought to it are interpolated, as the original does while it runs.
/// </summary>
internal static class SamPositions
{
    private const string Absolute = "image_encoder.pos_embed";
    private const int LargestGrid = 256;

    /// <summary>The configuration at the size that the weights are of.</summary>
    /// <exception cref="CheckpointException">The embedding is not of a square image.</exception>
    public static SamConfig Sized(SamConfig config, StateDict weights)
    {
        if (config.Vit is not { } vit || !weights.TryGetValue(Absolute, out var positions) || positions.Shape is not [1, var rows, var columns, _]
            || rows == vit.Grid && columns == vit.Grid)
            return config;
        if (rows != columns || rows is < 4 or > LargestGrid)
            throw new CheckpointException(weights.Source, $"'{Absolute}' is of {rows} x {columns} patches; a square of 4 to {LargestGrid} is read.");
        return config with { Vit = vit with { ImageSize = (int)rows * vit.Patch } };
    }

    /// <summary>Weights for images of another size: the absolute positions of patches are interpolated bicubically.</summary>
    /// <param name="config">What the weights are of.</param>
    /// <param name="weights">With the names of segment-anything.</param>
    /// <param name="side">Side of the image, a multiple of 64.</param>
    /// <exception cref="CheckpointException">The encoder has no positions of patches, or the size is out of range.</exception>
    public static (SamConfig Config, StateDict Weights) At(SamConfig config, StateDict weights, int side)
    {
        if (side == config.ImageSize) return (config, weights);
        if (config.Vit is not { } vit)
            throw new CheckpointException(weights.Source, $"the model sees images of {config.ImageSize} pixels a side; {side} were asked for.");
        if (side % 64 != 0 || side / vit.Patch > LargestGrid || side < 64)
            throw new CheckpointException(weights.Source,
                $"images of {side} pixels a side were asked for; multiples of 64 up to {LargestGrid * vit.Patch} are possible.");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        long cells = side / vit.Patch;
        var positions = weights[Absolute].ToTensor(ScalarType.Float32).permute(0, 3, 1, 2);
        positions = nn.functional.interpolate(positions, size: [cells, cells], mode: InterpolationMode.Bicubic,
            align_corners: false).permute(0, 2, 3, 1).contiguous();
        byte[] bytes = positions.bytes.ToArray();
        var resized = CheckpointTensor.FromMemory(Absolute, CheckpointDType.Float32, positions.shape, bytes);
        return (config with { Vit = vit with { ImageSize = side } }, StateDict.Of(weights.Source, weights.Select(w => w.Key == Absolute ? resized : w.Value)));
    }

    /// <summary>Fills a network, all or nothing.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">With the names of segment-anything.</param>
    /// <exception cref="StateDictMismatchException">Missing and unexpected names and other shapes, listed; nothing was changed.</exception>
    public static LoadReport Load(SamModel network, StateDict weights)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var shapes = network.state_dict();
        var tensors = weights.Select(w => IsRelative(w.Key) && shapes.TryGetValue(w.Key, out var target) && w.Value.Shape is [var rows, var width]
            && target.shape is [var wanted, var same]
            && rows != wanted && rows > 1 && width == same ? Interpolated(w.Value, wanted).AsCheckpointTensor(w.Key) : w.Value).ToList();
        return StrictLoader.Load(network, StateDict.Of(weights.Source, tensors));
    }

    private static bool IsRelative(string name) => name.EndsWith(".attn.rel_pos_h", StringComparison.Ordinal)
        || name.EndsWith(".attn.rel_pos_w", StringComparison.Ordinal);

    /// <summary>[rows, width] -> [wanted, width], linearly along the rows.</summary>
    private static Tensor Interpolated(CheckpointTensor table, long wanted) =>
        nn.functional.interpolate(table.ToTensor(ScalarType.Float32).t().unsqueeze(0), size: [wanted], mode: InterpolationMode.Linear,
            align_corners: false).squeeze(0).t().contiguous();
}
