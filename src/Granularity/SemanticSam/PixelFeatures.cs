using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>What a pixel decoder makes of the backbone's maps.</summary>
/// <param name="MaskFeatures">[B, MaskWidth, H/4, W/4]; a mask is a dot product with it.</param>
/// <param name="MultiScale">Maps [B, Width, h, w], finest first: strides 8, 16, 32, 64, with five levels also 4 before them.</param>
internal sealed record PixelFeatures(Tensor MaskFeatures, IReadOnlyList<Tensor> MultiScale) : IDisposable
{
    /// <summary>Moves all maps to the scope around the current one.</summary>
    public PixelFeatures MoveToOuterDisposeScope()
    {
        MaskFeatures.MoveToOuterDisposeScope();
        foreach (var map in MultiScale) map.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Takes all maps out of every scope: the caller disposes them.</summary>
    public PixelFeatures DetachFromDisposeScope()
    {
        MaskFeatures.DetachFromDisposeScope();
        foreach (var map in MultiScale) map.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Frees all maps.</summary>
    public void Dispose()
    {
        MaskFeatures.Dispose();
        foreach (var map in MultiScale) map.Dispose();
    }
}
