using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>What all questions about an image share at one resolution, made once instead of for each.</summary>
internal sealed class PlaceCanvas : IDisposable
{
    private readonly NanoConfig _config;
    private readonly NanoFeatures _features;
    private readonly MaskBasis _basis;
    private readonly MapGround _ground;

    /// <param name="config">Sizes.</param>
    /// <param name="features">The encoded image; stays the caller's.</param>
    /// <param name="mask">Its mask features, [1, MaskFeatures, H, W].</param>
    /// <param name="side">Side of a cell in cells of the finest level: 1, or 2 for a coarse look.</param>
    public PlaceCanvas(NanoConfig config, NanoFeatures features, Tensor mask, int side)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (_config, _features) = (config, features);
        var ground = MapGround.Of(features, side);
        var basis = MaskBasis.Of(ground.Pool(mask), side);
        _ground = ground with { Pixels = ground.Pixels.DetachFromDisposeScope(), X = ground.X.DetachFromDisposeScope(), Y = ground.Y.DetachFromDisposeScope() };
        _basis = basis with { Rows = basis.Rows.DetachFromDisposeScope(), X = basis.X.DetachFromDisposeScope(), Y = basis.Y.DetachFromDisposeScope() };
    }

    /// <summary>Logits of small networks, [1, Q, S, cells]. Maps of what no prompt has are not made.</summary>
    /// <param name="prompts">What is asked.</param>
    /// <param name="weights">[1, Q, S, n].</param>
    /// <param name="frames">[1, Q, S, 4].</param>
    public Tensor Draw(PlacePrompts prompts, Tensor weights, Tensor frames) =>
        DynamicMasks.Draw(_config, _basis, PlaceMaps.Of(_features, _ground, prompts, prompts.Maps), prompts.Maps, weights, frames);

    /// <summary>What it holds.</summary>
    public long Bytes => Held.Sum(t => t.numel() * t.element_size());

    private Tensor[] Held => [_ground.Pixels, _ground.X, _ground.Y, _basis.Rows, _basis.X, _basis.Y];

    public void Dispose()
    {
        foreach (var tensor in Held) tensor.Dispose();
    }
}
