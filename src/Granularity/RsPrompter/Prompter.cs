using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>The maps that heads see.</summary>
/// <param name="Maps">[B, C, h, w] at strides 4, 8, 16, 32 and 64.</param>
/// <param name="Embedding">[B, C, h, w]: the image's embedding.</param>
internal sealed record PrompterMaps(IReadOnlyList<Tensor> Maps, Tensor Embedding);

/// <summary>
/// RSPrompter (arXiv 2306.16269) and SAM-seg, without the image encoder, which is frozen: what finds instances, and what draws their masks.
/// Names of tensors are those of the released checkpoints, see <see cref="PrompterNames"/>.
/// </summary>
internal sealed class Prompter : nn.Module
{
    private readonly PromptEncoder? prompt_encoder;
    private readonly MaskDecoder? mask_decoder;
    private readonly ResNet? backbone;
    private readonly nn.Module neck;
    private readonly Conv2d? conv_s0, conv_s1; // as SAM 2 names them
    private readonly RpnHead? rpn_head;
    private readonly RoiHead? roi_head;
    private readonly QueryHead? panoptic_head;

    /// <summary>With random weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <exception cref="ArgumentException">Sizes do not fit each other.</exception>
    public Prompter(PrompterConfig config) : base(nameof(Prompter))
    {
        config.Validate();
        if (config.Head == PrompterHead.Classifier) throw new ArgumentException("What SAM-cls learns is a classifier and no prompter.");
        Config = config;
        if (config.DrawsWithSam)
        {
            var sizes = config.Decoder;
            prompt_encoder = new PromptEncoder(config.Width, new LevelShape(config.Grid, config.Grid),
                new LevelShape(config.ImageSize, config.ImageSize), sizes.MaskChannels);
            mask_decoder = new MaskDecoder(config.Width, new TwoWayTransformer(sizes.Depth, config.Width, sizes.Heads, sizes.FeedForward),
                sizes.MultimaskOutputs, sizes.IouHeadDepth, sizes.IouHeadWidth);
            if (config.FineMasks)
            {
                conv_s0 = nn.Conv2d(config.Width, config.Width / 8, kernel_size: 1);
                conv_s1 = nn.Conv2d(config.Width, config.Width / 4, kernel_size: 1);
            }
        }
        if (config.Backbone is { } own)
        {
            backbone = new ResNet(own);
            neck = new FeaturePyramidNeck(own.Widths, config.Width);
        }
        else neck = new PrompterNeck(config);
        if (config.FindsRegions)
        {
            rpn_head = new RpnHead(config.Width, Anchors.PerCell(config.AnchorScales));
            roi_head = new RoiHead(config);
        }
        else panoptic_head = new QueryHead(config);
        RegisterComponents();
    }

    /// <summary>The sizes it was made with.</summary>
    public PrompterConfig Config { get; }

    /// <summary>SAM's prompt encoder, of which no more is used than what stands for no mask, or embeds masks.</summary>
    public PromptEncoder? PromptEncoder => prompt_encoder;

    /// <summary>SAM's mask decoder, trained on.</summary>
    public MaskDecoder? MaskDecoder => mask_decoder;

    /// <summary>The backbone of a detector that stands alone.</summary>
    public ResNet? Backbone => backbone;

    /// <summary>What is done with regions.</summary>
    public RoiHead Regions => roi_head!;

    /// <summary>What is done with queries.</summary>
    public QueryHead Queries => panoptic_head!;

    /// <summary>The pyramid.</summary>
    /// <param name="states">Of the image encoder.</param>
    /// <param name="own">Maps at strides 4 to 32 that the encoder has of its own; empty for none.</param>
    public PrompterMaps Maps(EncoderStates states, IReadOnlyList<Tensor>? own = null)
    {
        if (backbone is null) return new(((PrompterNeck)neck).forward(states, own ?? []), states.Embedding);
        using var scope = NewDisposeScope();
        var maps = ((FeaturePyramidNeck)neck).forward(backbone.forward(ImagePatches.Pixels(states.Hidden[0])));
        return new([.. maps.Select(m => m.MoveToOuterDisposeScope())], states.Embedding);
    }

    /// <summary>What finds regions.</summary>
    public RpnHead ProposalHead => rpn_head!;

    /// <summary>Logits and deltas of anchors, level by level.</summary>
    public IReadOnlyList<(Tensor Logits, Tensor Deltas)> Proposals(PrompterMaps maps) => [.. maps.Maps.Select(rpn_head!.forward)];

    /// <summary>Masks of prompt tokens of regions: logits [R, 1, 4h, 4w].</summary>
    /// <param name="maps">Of the batch.</param>
    /// <param name="tokens">[R, points, C].</param>
    /// <param name="images">Which image each of them is of.</param>
    public Tensor DrawRegions(PrompterMaps maps, Tensor tokens, IReadOnlyList<int> images)
    {
        using var scope = NewDisposeScope();
        var of = tensor([.. images.Select(i => (long)i)], device: maps.Embedding.device);
        var dense = prompt_encoder!.forward().Dense;
        return PromptedMasks.Draw(mask_decoder!, maps.Embedding.index_select(0, of), prompt_encoder.DensePosition(), tokens, dense,
            Fine(maps, of)).Masks.MoveToOuterDisposeScope();
    }

    /// <summary>What the mask decoder sees besides the embedding, of the image of each prompt; null where it is made without.</summary>
    private FineRows? Fine(PrompterMaps maps, Tensor images)
    {
        if (conv_s0 is null) return null;
        Tensor Narrow(Conv2d layer, Tensor map) => nn.functional.linear(map.permute(0, 2, 3, 1), layer.weight.flatten(1), layer.bias);
        return new FineRows(FineRows.OfTwice(Narrow(conv_s1!, maps.Maps[1])), FineRows.OfFourfold(Narrow(conv_s0, maps.Maps[0]))).Of(images);
    }

    /// <summary>What the queries say; see <see cref="QueryHead.forward"/>.</summary>
    public IReadOnlyList<QueryAnswers> Ask(PrompterMaps maps, bool last) =>
        panoptic_head!.forward(maps.Maps, Config.DrawsWithSam ? (tokens, coarse) => DrawQueries(maps, tokens, coarse) : null, last);

    /// <summary>Masks of prompt tokens of queries, [B, Q, 4h, 4w].</summary>
    internal Tensor DrawQueries(PrompterMaps maps, Tensor tokens, Tensor? coarse)
    {
        using var scope = NewDisposeScope();
        long batch = tokens.shape[0], queries = tokens.shape[1];
        var of = arange(batch, device: tokens.device).repeat_interleave(queries, 0);
        return DrawQueries(maps, tokens.flatten(0, 1), coarse?.flatten(0, 1), of).unflatten(0, batch, queries).MoveToOuterDisposeScope();
    }

    /// <summary>Masks of prompt tokens of some queries, [N, 4h, 4w].</summary>
    /// <param name="maps">Of the batch.</param>
    /// <param name="tokens">[N, points, C].</param>
    /// <param name="coarse">[N, h, w]: their own masks; null where they draw none.</param>
    /// <param name="images">[N]: which image each of them is of.</param>
    internal Tensor DrawQueries(PrompterMaps maps, Tensor tokens, Tensor? coarse, Tensor images)
    {
        using var scope = NewDisposeScope();
        var dense = (coarse is null ? prompt_encoder!.forward() : prompt_encoder!.forward(masks: coarse.unsqueeze(1))).Dense;
        var (masks, _) = PromptedMasks.Draw(mask_decoder!, maps.Embedding.index_select(0, images), prompt_encoder!.DensePosition(), tokens, dense,
            Fine(maps, images));
        return masks.squeeze(1).MoveToOuterDisposeScope();
    }
}

/// <summary>Aggregator and pyramid. State-dict names: feature_aggregator, feature_spliter (as published).</summary>
internal sealed class PrompterNeck : nn.Module
{
    private readonly nn.Module feature_aggregator;
    private readonly SimpleFpn feature_spliter;

    public PrompterNeck(PrompterConfig config) : base(nameof(PrompterNeck))
    {
        feature_aggregator = config.StateWidths.Count > 0 ? new FeatureAggregator(config.StateWidths, config.AggregatorWidth, config.Width)
            : new EmbeddingAggregator(config.Width, config.EmbeddingAggregatorWidth);
        feature_spliter = new SimpleFpn(config.Width, config.PyramidWidths);
        RegisterComponents();
    }

    public Tensor[] forward(EncoderStates states, IReadOnlyList<Tensor> own)
    {
        using var scope = NewDisposeScope();
        var maps = feature_spliter.forward(((IFeatureAggregator)feature_aggregator).Aggregate(states.Hidden, states.Embedding), own);
        return [.. maps.Select(m => m.MoveToOuterDisposeScope())];
    }
}
