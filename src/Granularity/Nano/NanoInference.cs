using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>Answers about one encoded image. All tensors returned are the caller's, without gradient.</summary>
internal sealed class NanoInference : IDisposable
{
    private readonly NanoModel _model;
    private readonly NanoFeatures _features;
    private readonly Tensor _mask;

    /// <summary>Encodes an image.</summary>
    /// <param name="model">The network.</param>
    /// <param name="image">[1, 3, H, W]: blue, green, red minus the channel means, padded with 0 to multiples of 32.</param>
    /// <param name="height">Rows that are no padding.</param>
    /// <param name="width">Columns that are no padding.</param>
    public NanoInference(NanoModel model, Tensor image, int height, int width)
    {
        _model = model;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor? shares = null;
        if (height != image.shape[2] || width != image.shape[3])
        {
            Tensor valid = zeros([1, image.shape[2], image.shape[3]]).to(image.device);
            valid.slice(1, 0, height, 1).slice(2, 0, width, 1).fill_(1);
            shares = nn.functional.avg_pool2d(valid.unsqueeze(1), NanoModel.Multiple).squeeze(1);
        }
        var features = model.Encode(image, shares);
        _mask = model.MaskFeatures(features).DetachFromDisposeScope();
        _features = new([.. features.Levels.Select(l => l.DetachFromDisposeScope())], features.Global.DetachFromDisposeScope(), features.Pixels.DetachFromDisposeScope());
    }

    /// <summary>Takes over what an image was encoded to before.</summary>
    /// <param name="model">The network that encoded it.</param>
    /// <param name="features">See <see cref="Features"/>; out of any dispose scope.</param>
    /// <param name="mask">See <see cref="Mask"/>; likewise.</param>
    public NanoInference(NanoModel model, NanoFeatures features, Tensor mask) => (_model, _features, _mask) = (model, features, mask);

    /// <summary>What the network knows of the image; stays this object's.</summary>
    public NanoFeatures Features => _features;

    /// <summary>The channels that small networks of places see, [1, MaskFeatures, Height, Width]; stays this object's.</summary>
    public Tensor Mask => _mask;

    /// <summary>Rows at stride 4, padding included.</summary>
    public long Height => _features.Height;

    /// <summary>Columns at stride 4, padding included.</summary>
    public long Width => _features.Width;

    /// <summary>Names in the space of the pixels, [N, EmbeddingWidth].</summary>
    /// <param name="sentences">[N, SentenceWidth].</param>
    public Tensor Names(Tensor sentences)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return _model.Names(sentences).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of names being there at all, [N]; cheap, since nothing is asked of places.</summary>
    /// <param name="names">[N, EmbeddingWidth] from <see cref="Names"/>.</param>
    public Tensor Presence(Tensor names)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return _model.Presence(_features, names.unsqueeze(0)).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of names at cells, [N, Height, Width].</summary>
    /// <param name="names">[N, EmbeddingWidth] from <see cref="Names"/>.</param>
    public Tensor Maps(Tensor names)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return _model.Words(_features, names.unsqueeze(0)).view(-1, Height, Width).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of names at cells, [N, Height, Width], and of their being there at all, [N].</summary>
    /// <param name="sentences">[N, SentenceWidth].</param>
    public (Tensor Logits, Tensor Presence) Words(Tensor sentences)
    {
        using var scope = NewDisposeScope();
        Tensor names = Names(sentences);
        return (Maps(names).MoveToOuterDisposeScope(), Presence(names).MoveToOuterDisposeScope());
    }

    /// <summary>Coarse logits [Q, S, Height / 2, Width / 2], predicted IoU [Q, S], and what draws them finely.</summary>
    private (Tensor Coarse, Tensor Quality, PlaceDrawing Drawing) Look(PlacePrompts prompts, bool given)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var networks = _model.Places(_features, prompts, given);
        Tensor maps = PlaceHead.Maps(_features, prompts);
        long queries = maps.shape[1];
        Tensor halfMaps = nn.functional.avg_pool2d(maps.view(1, -1, Height, Width), 2).view(1, queries, maps.shape[2], -1);
        Tensor coarse = DynamicMasks.Draw(_model.Config, nn.functional.avg_pool2d(_mask, 2), halfMaps, networks.Weights, networks.Frames, 2);
        Tensor quality = _model.Quality(_features, networks, coarse);
        var drawing = new PlaceDrawing(maps.squeeze(0).MoveToOuterDisposeScope(), networks.Weights.squeeze(0).MoveToOuterDisposeScope(), networks.Frames.squeeze(0).MoveToOuterDisposeScope());
        return (coarse.view(queries, -1, Height / 2, Width / 2).MoveToOuterDisposeScope(), quality.squeeze(0).MoveToOuterDisposeScope(), drawing);
    }

    /// <summary>Draws chosen answers, [M, Height, Width] logits.</summary>
    /// <param name="drawing">What a look gave.</param>
    /// <param name="queries">[M]: the prompt of each.</param>
    /// <param name="slots">[M]: the level of each.</param>
    public Tensor Draw(PlaceDrawing drawing, Tensor queries, Tensor slots)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor flat = queries * drawing.Weights.shape[1] + slots;
        Tensor weights = drawing.Weights.flatten(0, 1).index_select(0, flat), frames = drawing.Frames.flatten(0, 1).index_select(0, flat);
        Tensor drawn = DynamicMasks.Draw(_model.Config, _mask, drawing.Maps.index_select(0, queries).unsqueeze(0), weights.view(1, -1, 1, weights.shape[1]), frames.view(1, -1, 1, 4));
        return drawn.view(-1, Height, Width).MoveToOuterDisposeScope();
    }

    /// <summary>The answers of all levels to places without a size, or the one answer to places with one.</summary>
    public (Tensor Coarse, Tensor Quality, PlaceDrawing Drawing) Look(IReadOnlyList<NanoPlace> places)
    {
        using var scope = NewDisposeScope();
        var (coarse, quality, drawing) = Look(NanoPlace.ToPrompts(places, Height, Width, _mask.device), places[0].IsGiven);
        return (coarse.MoveToOuterDisposeScope(), quality.MoveToOuterDisposeScope(),
            new(drawing.Maps.MoveToOuterDisposeScope(), drawing.Weights.MoveToOuterDisposeScope(), drawing.Frames.MoveToOuterDisposeScope()));
    }

    /// <summary>Places of one click each.</summary>
    /// <param name="x">Cells of the finest level.</param>
    /// <param name="y">Cells of the finest level.</param>
    public static IReadOnlyList<NanoPlace> Clicks(float[] x, float[] y) => [.. x.Zip(y, (a, b) => new NanoPlace { Clicks = [(a, b, true)] })];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var level in _features.Levels) level.Dispose();
        _features.Global.Dispose();
        _features.Pixels.Dispose();
        _mask.Dispose();
    }
}

/// <summary>What draws the answers to prompts at places.</summary>
/// <param name="Maps">[Q, PromptMaps, cells].</param>
/// <param name="Weights">[Q, S, n].</param>
/// <param name="Frames">[Q, S, 4].</param>
internal sealed record PlaceDrawing(Tensor Maps, Tensor Weights, Tensor Frames);
