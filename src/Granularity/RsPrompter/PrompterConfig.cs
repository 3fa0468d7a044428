using SemanticSam.Granularity.Sam;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>What finds instances, and what draws their masks.</summary>
internal enum PrompterHead
{
    /// <summary>RSPrompter-anchor: a two-stage detector whose regions become prompts of SAM's mask decoder.</summary>
    Anchor,

    /// <summary>RSPrompter-query: queries that become prompts of SAM's mask decoder, with a coarse mask.</summary>
    Query,

    /// <summary>SAM-seg with the head of Mask R-CNN.</summary>
    MaskRcnn,

    /// <summary>SAM-seg with the head of Mask2Former.</summary>
    Mask2Former,

    /// <summary>SAM-det: a detector with a backbone of its own, whose boxes a frozen SAM is asked with.</summary>
    Detector,

    /// <summary>SAM-cls: masks of SAM's everything mode, named by a classifier of their crops. It has no prompter, only a
    /// <see cref="MaskClassifier"/>.</summary>
    Classifier,
}

/// <summary>Sizes of a prompter (RSPrompter, arXiv 2306.16269). The defaults are those of its released configurations.</summary>
internal sealed record PrompterConfig
{
    /// <summary>What finds instances.</summary>
    public required PrompterHead Head { get; init; }

    /// <summary>Classes, without the background.</summary>
    public required int Classes { get; init; }

    /// <summary>Side of the square image.</summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>Features of the image's embedding, and of all maps and prompts.</summary>
    public long Width { get; init; } = 256;

    /// <summary>Features of each hidden state that the aggregator takes; empty where it takes the embedding alone.</summary>
    public required IReadOnlyList<long> StateWidths { get; init; }

    /// <summary>Features inside the aggregator of hidden states.</summary>
    public long AggregatorWidth { get; init; } = 32;

    /// <summary>Features inside the aggregator of the embedding.</summary>
    public long EmbeddingAggregatorWidth { get; init; } = 512;

    /// <summary>Features of maps at strides 4, 8, 16 and 32 that an encoder has of its own, which are added to the pyramid; empty for none.</summary>
    public IReadOnlyList<long> PyramidWidths { get; init; } = [];

    /// <summary>Sizes of SAM's prompt encoder and mask decoder.</summary>
    public DecoderSizes Decoder { get; init; } = new();

    /// <summary>Prompt tokens an instance.</summary>
    public int Points { get; init; } = 5;

    /// <summary>Features inside the box branch.</summary>
    public long BoxWidth { get; init; } = 1024;

    /// <summary>Sides of anchors over the stride.</summary>
    public IReadOnlyList<float> AnchorScales { get; init; } = [4, 8];

    /// <summary>The backbone of a detector that stands alone; null where the maps come from SAM's encoder.</summary>
    public ResNetConfig? Backbone { get; init; }

    /// <summary>Features inside the mask head of Mask R-CNN.</summary>
    public long MaskWidth { get; init; } = 256;

    /// <summary>Its convolutions.</summary>
    public int MaskConvolutions { get; init; } = 4;

    /// <summary>Queries.</summary>
    public int Queries { get; init; } = 70;

    /// <summary>Features of queries and of the pixel decoder.</summary>
    public int QueryWidth { get; init; } = 128;

    /// <summary>Features inside the prompt head of queries.</summary>
    public long PointWidth { get; init; } = 64;

    /// <summary>Layers of the queries' decoder.</summary>
    public int DecoderLayers { get; init; } = 6;

    /// <summary>Features inside its MLPs.</summary>
    public long DecoderFeedForward { get; init; } = 512;

    /// <summary>Layers of the deformable encoder.</summary>
    public int EncoderLayers { get; init; } = 3;

    /// <summary>Features inside its MLPs.</summary>
    public long EncoderFeedForward { get; init; } = 512;

    /// <summary>Points a head and level of the deformable encoder.</summary>
    public int EncoderPoints { get; init; } = 4;

    /// <summary>Whether queries draw a coarse mask of their own, which becomes the dense prompt; else SAM's decoder sees none.</summary>
    public bool CoarseMasks { get; init; } = true;

    /// <summary>
    /// Whether SAM's mask decoder also sees the pyramid's two finest maps, as that of SAM 2 does (arXiv 2408.00714): a small encoder's embedding knows little
    /// of what is finer than its cells. Not in the released configurations.
    /// </summary>
    public bool FineMasks { get; init; }

    /// <summary>
    /// Whether masks of regions are compared, and kept, around the region's box alone. The released configurations compare whole images, which takes a mask
    /// decoder that has learned before to keep to its prompt.
    /// </summary>
    public bool MasksInBoxes { get; init; }

    /// <summary>
    /// Whether queries begin at cells of the image (<see cref="QuerySelection"/>); else at numbers that are learned once for all images, as in the released
    /// configurations.
    /// </summary>
    public bool SelectsQueries { get; init; }

    /// <summary>Side of the image's embedding.</summary>
    public int Grid => ImageSize / 16;

    /// <summary>Whether SAM's mask decoder draws the masks.</summary>
    public bool DrawsWithSam => Head is PrompterHead.Anchor or PrompterHead.Query;

    /// <summary>Whether a detector finds regions; else queries, or nothing of its own.</summary>
    public bool FindsRegions => Head is PrompterHead.Anchor or PrompterHead.MaskRcnn or PrompterHead.Detector;

    /// <summary>Attention heads of queries and of the deformable encoder: 8, or fewer where they are narrow.</summary>
    public int QueryHeads => Math.Clamp(QueryWidth / 4, 1, 8);

    /// <summary>Groups of the pixel decoder's norms: 32, or fewer where it is narrow.</summary>
    public int Groups => Math.Clamp(QueryWidth / 4, 1, 32);

    /// <summary>The released sizes of a head for an encoder's states.</summary>
    public static PrompterConfig Of(PrompterHead head, int classes, IReadOnlyList<long> stateWidths, int queries = 70)
    {
        var config = new PrompterConfig { Head = head, Classes = classes, StateWidths = stateWidths, Queries = queries };
        return head switch
        {
            PrompterHead.MaskRcnn or PrompterHead.Detector => config with { AnchorScales = [8] },
            PrompterHead.Mask2Former => config with { QueryWidth = 256, DecoderLayers = 9, EncoderFeedForward = 1024, DecoderFeedForward = 2048 },
            _ => config,
        };
    }

    internal void Validate()
    {
        if (Classes < 1) throw new ArgumentException($"There is at least one class; {Classes} are configured.");
        if (ImageSize < 64 || ImageSize % 64 != 0) throw new ArgumentException($"The image's side must be a multiple of 64; it is {ImageSize}.");
        if (Width % 8 != 0 || QueryWidth % QueryHeads != 0 || QueryWidth % Groups != 0)
            throw new ArgumentException($"The widths {Width} and {QueryWidth} do not fit the heads and groups.");
        if ((Backbone is null) == (Head == PrompterHead.Detector)
            ) throw new ArgumentException("A detector that stands alone has a backbone, and nothing else has one.");
        if (Backbone is { } own && (own.Width < 1 || own.Depths is not { Count: 4 } || own.Depths.Any(d => d is < 1 or > 100)))
            throw new ArgumentException("A backbone has four stages of 1 to 100 blocks.");
        if (PyramidWidths.Count is not (0 or 4)) throw new ArgumentException($"An encoder's own pyramid has 4 maps; {PyramidWidths.Count} are configured.");
    }
}

/// <summary>Sizes of SAM's prompt encoder and mask decoder; see <see cref="SamConfig"/>.</summary>
internal sealed record DecoderSizes
{
    public long MaskChannels { get; init; } = 16;

    public int Depth { get; init; } = 2;

    public long Heads { get; init; } = 8;

    public long FeedForward { get; init; } = 2048;

    public int MultimaskOutputs { get; init; } = 3;

    public int IouHeadDepth { get; init; } = 3;

    public long IouHeadWidth { get; init; } = 256;

    /// <summary>Those of a SAM.</summary>
    public static DecoderSizes Of(SamConfig sam) => new()
    {
        MaskChannels = sam.MaskChannels,
        Depth = sam.DecoderDepth,
        Heads = sam.DecoderHeads,
        FeedForward = sam.FeedForward,
        MultimaskOutputs = sam.MultimaskOutputs,
        IouHeadDepth = sam.IouHeadDepth,
        IouHeadWidth = sam.IouHeadWidth,
    };
}
