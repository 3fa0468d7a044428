using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>Answers about one encoded image. All tensors returned are the caller's, without gradient.</summary>
internal sealed class NanoInference : IDisposable
{
    private readonly NanoModel _model;
    private NanoFeatures _features;
    private readonly Tensor _mask;
    private readonly Lazy<FusedPlaces?> _places;
    private PlaceCanvas? _fine, _coarse;

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
        // Answers are computed in float32, and saved features hold it, whatever encoding computed in.
        _features = new([.. features.Levels.Select(l => l.to(ScalarType.Float32).DetachFromDisposeScope())], features.Global.DetachFromDisposeScope(),
            features.Pixels.DetachFromDisposeScope()) { Cells = Detached(features.Cells) };
        _places = new(() => _model.Fuse(_features));
    }

    /// <summary>Takes over what an image was encoded to before.</summary>
    /// <param name="model">The network that encoded it.</param>
    /// <param name="features">See <see cref="Features"/>; out of any dispose scope.</param>
    /// <param name="mask">See <see cref="Mask"/>; likewise.</param>
    public NanoInference(NanoModel model, NanoFeatures features, Tensor mask)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (_model, _features, _mask) = (model, features with { Cells = Detached(model.Remember(features.Levels)) }, mask);
        _places = new(() => _model.Fuse(_features));
    }

    private static AttendedCells[] Detached(AttendedCells[] cells) =>
        [.. cells.Select(c => new AttendedCells(c.Keys.DetachFromDisposeScope(), c.Values.DetachFromDisposeScope()))];

    /// <summary>What the network knows of the image; stays this object's.</summary>
    public NanoFeatures Features => _features;

    /// <summary>The channels that small networks of places see, [1, MaskFeatures, Height, Width]; stays this object's.</summary>
    public Tensor Mask => _mask;

    private PlaceCanvas Fine => _fine ??= new(_model.Config, _features, _mask, 1);

    private PlaceCanvas Coarse => _coarse ??= new(_model.Config, _features, _mask, 2);

    /// <summary>Bytes of what answers have left for the next ones, beside the features.</summary>
    public long CanvasBytes => (_fine?.Bytes ?? 0) + (_coarse?.Bytes ?? 0) + (_places.IsValueCreated ? _places.Value?.Bytes ?? 0 : 0)
        + _features.Cells.Sum(c => c.Bytes) + (_features.Surroundings is { } around ? around.numel() * sizeof(float) : 0);

    /// <summary>Rows at stride 4, padding included.</summary>
    public long Height => _features.Height;

    /// <summary>Columns at stride 4, padding included.</summary>
    public long Width => _features.Width;

    /// <summary>Names in the space of the pixels, [N, width]: see <see cref="NanoModel.Names"/>.</summary>
    /// <param name="sentences">[N, SentenceWidth].</param>
    public Tensor Names(Tensor sentences)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return _model.Names(sentences).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of names being there at all, [N]; cheap, since nothing is asked of places.</summary>
    /// <param name="names">[N, width] from <see cref="Names"/>.</param>
    public Tensor Presence(Tensor names)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return _model.Presence(_features, names.unsqueeze(0)).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of names at cells, [N, Height, Width].</summary>
    /// <param name="names">[N, width] from <see cref="Names"/>.</param>
    public Tensor Maps(Tensor names)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (_features.Surroundings is null && _model.AskSurroundings(names))
        {
            _features = _model.EmbedSurroundings(_features);
            _features.Surroundings!.DetachFromDisposeScope();
        }
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

    /// <summary>The answers of all levels to places without a size, or the one answer to places with one.</summary>
    public PlaceLook Look(IReadOnlyList<NanoPlace> places)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var prompts = NanoPlace.ToPrompts(places, Height, Width, _mask.device);
        bool given = places[0].IsGiven;
        var networks = _places.Value?.Run(prompts, given) ?? _model.Places(_features, prompts, given);
        var masks = Coarse.Look(prompts, networks.Weights, networks.Frames);
        float[] quality = TensorValues.Floats(_model.Quality(_features, networks, masks));
        return new(masks, quality, new PlaceDrawing(prompts, networks.Weights, networks.Frames).With(t => t.MoveToOuterDisposeScope()));
    }

    /// <summary>Draws chosen answers: logits, [M, Height, Width] in one row.</summary>
    /// <param name="drawing">What a look gave.</param>
    /// <param name="chosen">At least one.</param>
    public float[] Draw(PlaceDrawing drawing, IReadOnlyList<PlaceAnswer> chosen)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        bool one = chosen.All(c => c.Place == chosen[0].Place); // then the maps are made once
        Tensor places = tensor(one ? [(long)chosen[0].Place] : Rows(c => c.Place)).to(_mask.device),
            rows = tensor(Rows(c => c.Place * drawing.Slots + c.Slot)).to(_mask.device);
        long[] shape = one ? [1, 1, chosen.Count, -1] : [1, chosen.Count, 1, -1];
        return Fine.Draw(drawing.Prompts.Select(places), Pick(drawing.Weights), Pick(drawing.Frames));

        long[] Rows(Func<PlaceAnswer, long> of) => [.. chosen.Select(of)];

        Tensor Pick(Tensor all) => all.flatten(1, 2).index_select(1, rows).view(shape);
    }

    /// <summary>Places of one click each.</summary>
    /// <param name="x">Cells of the finest level.</param>
    /// <param name="y">Cells of the finest level.</param>
    public static IReadOnlyList<NanoPlace> Clicks(float[] x, float[] y) => [.. x.Zip(y, (a, b) => new NanoPlace { Clicks = [(a, b, true)] })];

    /// <inheritdoc/>
    public void Dispose()
    {
        _fine?.Dispose();
        _coarse?.Dispose();
        if (_places.IsValueCreated) _places.Value?.Dispose();
        foreach (var level in _features.Levels) level.Dispose();
        foreach (var cells in _features.Cells) cells.Dispose();
        _features.Global.Dispose();
        _features.Pixels.Dispose();
        _features.Surroundings?.Dispose();
        _mask.Dispose();
    }
}

/// <summary>One answer to a place.</summary>
/// <param name="Place">Which of the places that were looked at.</param>
/// <param name="Slot">Which of its answers: the smallest level first.</param>
internal readonly record struct PlaceAnswer(int Place, int Slot);

/// <summary>What a look at places gave.</summary>
/// <param name="Masks">Coarse masks (cells of 2 x 2) of the answers, place by place, the smallest level first.</param>
/// <param name="Quality">Their predicted IoU, 0 to 1.</param>
/// <param name="Drawing">What draws them finely.</param>
internal sealed record PlaceLook(CellMasks Masks, float[] Quality, PlaceDrawing Drawing);

/// <summary>What draws the answers to prompts at places.</summary>
/// <param name="Prompts">What was asked.</param>
/// <param name="Weights">[1, Q, S, n].</param>
/// <param name="Frames">[1, Q, S, 4].</param>
internal sealed record PlaceDrawing(PlacePrompts Prompts, Tensor Weights, Tensor Frames) : IDisposable
{
    /// <summary>Answers of each place.</summary>
    public int Slots => (int)Weights.shape[2];

    /// <summary>The same with other tensors.</summary>
    public PlaceDrawing With(Func<Tensor, Tensor> change) => new(Prompts.With(change), change(Weights), change(Frames));

    public void Dispose() => With(t =>
    {
        t.Dispose();
        return t;
    });
}
