using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// The embedded model: a backbone that knows ImageNet, a pyramid, an embedding for every pixel that names are compared with, a head that
/// tells whether a name is there at all, a head for places, and perhaps one of its own for the names of surroundings.
/// </summary>
internal sealed class NanoModel : Module, INameHead
{
    private readonly ResNet18 backbone;
    private readonly FeaturePyramid pyramid;
    private readonly PixelEmbedding pixel;
    private readonly NameProjection names;
    private readonly PresenceHead presence;
    private readonly MaskFeatures mask;
    private readonly PlaceHead place;
    private readonly QualityHead quality;
    private readonly SurroundingsHead? surroundings;

    public NanoModel(NanoConfig config) : base(nameof(NanoModel))
    {
        Config = config;
        backbone = new ResNet18(config.BackboneWidth);
        pyramid = new FeaturePyramid(config);
        pixel = new PixelEmbedding(config);
        names = new NameProjection(config);
        presence = new PresenceHead(config);
        mask = new MaskFeatures(config);
        place = new PlaceHead(config);
        quality = new QualityHead(config);
        surroundings = config.SurroundingsWidth > 0 ? new SurroundingsHead(config) : null;
        RegisterComponents();
        foreach (var (_, parameter) in named_parameters())
            if (parameter.dim() == 4) NanoLayers.ChannelsLast(parameter);
    }

    /// <summary>Prefix of the backbone's names in the state dict.</summary>
    public const string BackbonePrefix = "backbone.";

    /// <summary>Blue, green and red of the images that the backbone was trained on, 0 to 255.</summary>
    public static readonly float[] ChannelMeans = [103.06f, 115.90f, 123.15f];

    /// <summary>Pixels a cell of the finest level, a side.</summary>
    public const int Stride = 4;

    /// <summary>Sides of the input are multiples of this.</summary>
    public const int Multiple = 32;

    public NanoConfig Config { get; }

    /// <summary>The type that convolutions compute in: float32, or bfloat16 where the machine is fast at it.</summary>
    public ScalarType ConvolutionType
    {
        get => backbone.FrozenType;
        set => backbone.FrozenType = value;
    }

    public bool TrainsFirstStage
    {
        get => backbone.TrainsFirstStage;
        set => backbone.TrainsFirstStage = value;
    }

    /// <summary>The head for surroundings; null for none.</summary>
    public SurroundingsHead? Surroundings => surroundings;

    /// <summary>Lets nothing learn but what compares pixels and words; normalization goes by what it knows, too.</summary>
    /// <param name="pixels">Whether the pixels' side of that learns.</param>
    public void LearnWordsAlone(bool pixels = true)
    {
        string[] words = ["names.", "presence.", "surroundings.names.", "surroundings.presence."];
        LearnAlone(pixels ? [.. words, "pixel.", "surroundings.pixel."] : words);
    }

    /// <summary>Lets nothing learn but the head for surroundings.</summary>
    public void LearnSurroundingsAlone() => LearnAlone(["surroundings."]);

    private void LearnAlone(string[] learning)
    {
        eval();
        foreach (var (name, parameter) in named_parameters())
            parameter.requires_grad = learning.Any(l => name.StartsWith(l, StringComparison.Ordinal));
    }

    /// <summary>Lets names begin spread about zero.</summary>
    /// <param name="mean">[SentenceWidth]: the mean of the sentence embeddings.</param>
    public void CenterNames(Tensor mean)
    {
        names.CenterOn(mean);
        surroundings?.CenterNames(mean);
    }

    /// <summary>Encodes images.</summary>
    /// <param name="images">[B, 3, H, W]: blue, green, red, 0 to 255, minus <see cref="ChannelMeans"/>; sides divisible by 32. Fastest in channels-last
    /// order.</param>
    /// <param name="valid">[B, H / 32, W / 32], float32: the share of each cell that is no padding; null for images without padding.</param>
    public NanoFeatures Encode(Tensor images, Tensor? valid = null)
    {
        var (levels, global) = Pyramid(images, valid);
        return new(levels, global, pixel.Run(levels[0])) { Cells = Remember(levels) };
    }

    /// <summary>As <see cref="Encode"/>, without the embedding of pixels, for those who compare no names with them.</summary>
    public (Tensor[] Levels, Tensor Global) Pyramid(Tensor images, Tensor? valid = null)
    {
        Tensor[] stages = backbone.Run(images.to(ConvolutionType));
        Tensor coarsest = stages[^1].to(ScalarType.Float32);
        Tensor global;
        if (valid is null) global = coarsest.mean([2, 3]);
        else
        {
            Tensor weight = valid.unsqueeze(1); // [B, 1, H / 32, W / 32]
            global = (coarsest * weight).sum([2, 3]) / weight.sum([2, 3]).clamp_min(1e-3);
        }
        return (pyramid.Run(stages, coarsest, global, valid), global);
    }

    /// <summary>What places look at.</summary>
    /// <param name="levels">The pyramid's.</param>
    public AttendedCells[] Remember(Tensor[] levels) => place.Remember(levels[NanoFeatures.LookedAt]);

    /// <summary>Features whose pixels are embedded by this network, where pyramids are the same.</summary>
    public NanoFeatures Embed(NanoFeatures features) => features with { Pixels = pixel.Run(features.Levels[0]) };

    /// <summary>
    /// Names in the space of the pixels, [B, N, EmbeddingWidth]; with a head for surroundings [B, N, 2 * EmbeddingWidth], of which one half is 0: the second
    /// one, or for names of surroundings the first.
    /// </summary>
    /// <param name="sentences">[B, N, SentenceWidth], of length 1.</param>
    public Tensor Names(Tensor sentences)
    {
        Tensor things = names.Run(sentences);
        if (surroundings is null) return things;
        Tensor around = surroundings.Kind(sentences).gt(0).to(ScalarType.Float32); // [B, N, 1]
        return cat([things * (1 - around), surroundings.Names(sentences) * around], -1);
    }

    /// <summary>Whether one of these names is compared with <see cref="NanoFeatures.Surroundings"/>.</summary>
    public bool AskSurroundings(Tensor names)
    {
        using var scope = NewDisposeScope();
        return surroundings is not null && Halves(names).Around.any().item<bool>();
    }

    /// <summary>The features with <see cref="NanoFeatures.Surroundings"/>.</summary>
    public NanoFeatures EmbedSurroundings(NanoFeatures features) => features with { Surroundings = surroundings?.Embed(features.Levels) };

    /// <inheritdoc/>
    public Tensor Words(NanoFeatures features, Tensor names)
    {
        if (surroundings is null) return this.names.Logits(names, features.Pixels);
        var (things, own, around) = Halves(names);
        Tensor logits = this.names.Logits(things, features.Pixels);
        return around.any().item<bool>() ? where(around, surroundings.Words(features, own), logits) : logits;
    }

    /// <inheritdoc/>
    public Tensor Presence(NanoFeatures features, Tensor names)
    {
        if (surroundings is null) return presence.Run(features.Global, names);
        var (things, own, around) = Halves(names);
        return where(around.squeeze(-1), surroundings.Presence(features, own), presence.Run(features.Global, things));
    }

    /// <summary>What <see cref="Names"/> put together, and which of the names are those of surroundings, [B, N, 1].</summary>
    private (Tensor Things, Tensor Own, Tensor Around) Halves(Tensor names)
    {
        Tensor own = names.narrow(-1, Config.EmbeddingWidth, Config.EmbeddingWidth);
        return (names.narrow(-1, 0, Config.EmbeddingWidth), own, own.any(-1, keepdim: true));
    }

    /// <summary>The channels that small networks of places see, [B, MaskFeatures, H / 4, W / 4], float32.</summary>
    public Tensor MaskFeatures(NanoFeatures features) => mask.Run(features.Levels[0]);

    /// <summary>The small networks of prompts at places: one a level, or one where a box is given.</summary>
    public PlaceNetworks Places(NanoFeatures features, PlacePrompts prompts, bool given) => place.Run(features, prompts, given);

    /// <summary>What computes the small networks of one image on the processor; null where the tensor library
    /// has to, as before the network is frozen.</summary>
    /// <param name="features">The encoded image; has to outlive what is returned, which is the caller's.</param>
    public FusedPlaces? Fuse(NanoFeatures features) => place.Fuse(features);

    /// <summary>Predicted IoU of masks, 0 to 1, [B, Q, S].</summary>
    /// <param name="features">Encoded images.</param>
    /// <param name="networks">The small networks that drew the masks.</param>
    /// <param name="logits">[B, Q, S, cells].</param>
    public Tensor Quality(NanoFeatures features, PlaceNetworks networks, Tensor logits) =>
        quality.Run(networks, logits, Math.Max(features.Height, features.Width));

    /// <summary>The same for masks of one image that are on the processor, [1, Q, S].</summary>
    /// <param name="features">The encoded image.</param>
    /// <param name="networks">The small networks that drew the masks.</param>
    /// <param name="masks">Q S masks.</param>
    public Tensor Quality(NanoFeatures features, PlaceNetworks networks, CellMasks masks)
    {
        var sizes = networks.Weights.shape;
        Tensor measures = TensorValues.Of(masks.Measures, 1, sizes[1], sizes[2], CellMasks.MeasureCount).to(networks.Weights.device);
        return quality.Run(networks, measures, masks.Cells, Math.Max(features.Height, features.Width));
    }
}
