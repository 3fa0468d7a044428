namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Which state of a query the box head reads after a layer.</summary>
internal enum BoxHeadInput
{
    /// <summary>The state after two applications of the decoder norm, as Semantic-SAM does.</summary>
    NormedTwice,

    /// <summary>The state after one application of the decoder norm, as OpenSeeD does.</summary>
    NormedOnce,
}

/// <summary>Where the anchors of object queries come from (INITIALIZE_BOX_TYPE of the reference).</summary>
internal enum AnchorSource
{
    /// <summary>From the selection or the learned anchors themselves.</summary>
    Queries,

    /// <summary>Boxes of the masks predicted before the first layer, right and bottom border exclusive, an empty mask a box of zeros.</summary>
    MaskExtentExclusive,

    /// <summary>Boxes of the masks predicted before the first layer, right and bottom border inclusive.</summary>
    MaskExtentInclusive,
}

/// <summary>
/// Sizes and switches of the mask decoder. One decoder serves Semantic-SAM (prompt queries), OpenSeeD (object queries that
/// text selects) and models that have both; which modules exist, and so the names of the state dict, follows from here.
/// </summary>
internal sealed record DecoderConfig
{
    /// <summary>Width C of queries and memory; a multiple of both numbers of heads and of 4.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Channels M of the mask features.</summary>
    public int MaskWidth { get; init; } = 256;

    /// <summary>Inner width of the feed-forward part of a layer.</summary>
    public int FeedForwardWidth { get; init; } = 2048;

    /// <summary>Heads of the deformable attention.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Heads of the self-attention between queries.</summary>
    public int SelfAttentionHeads { get; init; } = 8;

    /// <summary>Sampling points per head and level of the deformable attention.</summary>
    public int Points { get; init; } = 4;

    /// <summary>Decoder layers.</summary>
    public int Layers { get; init; } = 9;

    /// <summary>Levels of the memory.</summary>
    public int Levels { get; init; } = 4;

    /// <summary>Width T of the text embeddings; 0 for a model without any class projection.</summary>
    public int TextWidth { get; init; } = 512;

    /// <summary>Mask tokens a prompt, each of which predicts one mask; 0 when the model takes no prompts.</summary>
    public int MaskTokens { get; init; } = 6;

    /// <summary>Rows of the prompt kind embedding (0 point, 1 box in the released models).</summary>
    public int PromptKinds { get; init; } = 2;

    /// <summary>Whether there is a class projection of its own for parts (<c>class_embed_part</c>).</summary>
    public bool PartClasses { get; init; } = true;

    /// <summary>Object queries taken from the memory (or learned, see <see cref="TwoStage"/>); 0 when the model has none.</summary>
    public int ObjectQueries { get; init; }

    /// <summary>Learned queries for stuff, after the object queries; 0 for none.</summary>
    public int StuffQueries { get; init; }

    /// <summary>Object queries are selected among the memory's tokens; otherwise content and anchors are learned.</summary>
    public bool TwoStage { get; init; } = true;

    /// <summary>The content of selected queries is learned, only their anchors come from the memory (LEARN_TGT).</summary>
    public bool LearnedContent { get; init; }

    /// <summary>Object queries also predict before the first layer (INITIAL_PRED).</summary>
    public bool InitialPrediction { get; init; } = true;

    /// <summary>Where the anchors of object queries come from.</summary>
    public AnchorSource Anchors { get; init; }

    /// <summary>What the box head reads.</summary>
    public BoxHeadInput BoxHead { get; init; } = BoxHeadInput.NormedTwice;

    /// <summary>What the embedded model adds; null in the published models.</summary>
    public DecoderAdditionsConfig? Additions { get; init; }

    /// <summary>Semantic-SAM's decoder: prompts times six mask tokens.</summary>
    public static DecoderConfig SemanticSam { get; } = new();

    /// <summary>OpenSeeD's decoder: 300 selected queries and, in the decoupled models, 100 learned ones for stuff.</summary>
    /// <param name="levels">4, or 5 where the pixel decoder also keeps stride 4.</param>
    /// <param name="stuffQueries">0 in the plain model, 100 in the decoupled ones.</param>
    public static DecoderConfig OpenSeeD(int levels, int stuffQueries) => new()
    {
        Levels = levels,
        MaskTokens = 0,
        PartClasses = false,
        ObjectQueries = 300,
        StuffQueries = stuffQueries,
        BoxHead = BoxHeadInput.NormedOnce,
    };

    /// <summary>Throws when a size is out of range or two of them contradict each other.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or does not divide as it must.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaskWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FeedForwardWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SelfAttentionHeads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Points);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Levels);
        ArgumentOutOfRangeException.ThrowIfNegative(TextWidth);
        ArgumentOutOfRangeException.ThrowIfNegative(MaskTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(ObjectQueries);
        ArgumentOutOfRangeException.ThrowIfNegative(StuffQueries);
        if (Width % Heads != 0 || Width % SelfAttentionHeads != 0 || Width % 4 != 0)
            // a coordinate of a box gets Width/2 sines and cosines
            throw new ArgumentOutOfRangeException(nameof(Width), Width,
                $"The width must be a multiple of 4 and of the heads, {Heads} and {SelfAttentionHeads}.");
        if (MaskTokens == 0 && ObjectQueries == 0)
            throw new ArgumentOutOfRangeException(nameof(ObjectQueries), ObjectQueries, "A decoder needs mask tokens or object queries.");
        if (ObjectQueries > 0 && TwoStage && TextWidth == 0)
            throw new ArgumentOutOfRangeException(nameof(TextWidth), TextWidth, "Queries are selected by text: the text width must be positive.");
        if (StuffQueries > 0 && (ObjectQueries == 0 || !TwoStage))
            throw new ArgumentOutOfRangeException(nameof(StuffQueries), StuffQueries, "Stuff queries stand beside selected object queries.");
        Additions?.Validate(this);
    }
}
