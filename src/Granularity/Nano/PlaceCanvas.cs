using System.Buffers;
using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>What all questions about an image share at one resolution, made once instead of for each.</summary>
internal sealed class PlaceCanvas : IDisposable
{
    private readonly NanoConfig _config;
    private readonly NanoFeatures _features;
    private readonly MaskBasis? _basis; // where libtorch draws
    private readonly MapGround _ground;
    private readonly FusedMasks? _fused; // where this program does
    private readonly int _cells;

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
        _cells = (int)(basis.X.shape[0] * basis.Y.shape[0]);
        if (FusedMasks.Serves(config, basis)) _fused = new(basis);
        else _basis = basis with { Rows = basis.Rows.DetachFromDisposeScope(), X = basis.X.DetachFromDisposeScope(), Y = basis.Y.DetachFromDisposeScope() };
    }

    /// <summary>Logits of small networks, [Q, S, cells]. Maps of what no prompt has are not made.</summary>
    /// <param name="prompts">What is asked.</param>
    /// <param name="weights">[1, Q, S, n].</param>
    /// <param name="frames">[1, Q, S, 4].</param>
    public float[] Draw(PlacePrompts prompts, Tensor weights, Tensor frames)
    {
        using var scope = NewDisposeScope();
        Tensor maps = Maps(prompts);
        if (_fused is null) return TensorValues.Floats(DynamicMasks.Draw(_config, _basis!, maps, prompts.Maps, weights, frames));
        var drawing = _fused.Prepare(maps, prompts.Maps, weights, frames);
        float[] logits = GC.AllocateUninitializedArray<float>(drawing.Count * _cells);
        HostThreads.ForEach(drawing.Count, n => drawing.Draw(n, logits.AsSpan(n * _cells, _cells)));
        return logits;
    }

    /// <summary>The same as bits and measures; logits are not kept.</summary>
    /// <inheritdoc cref="Draw" path="/param"/>
    public CellMasks Look(PlacePrompts prompts, Tensor weights, Tensor frames)
    {
        var masks = new CellMasks((int)(weights.shape[1] * weights.shape[2]), _cells);
        if (_fused is null)
        {
            float[] logits = Draw(prompts, weights, frames);
            HostThreads.ForEach(masks.Count, n => masks.Take(n, logits.AsSpan(n * _cells, _cells)));
            return masks;
        }
        using var scope = NewDisposeScope();
        var drawing = _fused.Prepare(Maps(prompts), prompts.Maps, weights, frames);
        HostThreads.ForEach(masks.Count, n =>
        {
            float[] plane = ArrayPool<float>.Shared.Rent(_cells);
            drawing.Draw(n, plane.AsSpan(0, _cells));
            masks.Take(n, plane.AsSpan(0, _cells));
            ArrayPool<float>.Shared.Return(plane);
        });
        return masks;
    }

    private Tensor Maps(PlacePrompts prompts) => PlaceMaps.Of(_features, _ground, prompts, prompts.Maps);

    /// <summary>What it holds.</summary>
    public long Bytes => Held.Sum(t => t.numel() * t.element_size()) + (_fused?.Bytes ?? 0);

    private Tensor[] Held => [_ground.Pixels, _ground.X, _ground.Y, .. _basis is { } basis ? new[] { basis.Rows, basis.X, basis.Y } : []];

    public void Dispose()
    {
        foreach (var tensor in Held) tensor.Dispose();
    }
}
