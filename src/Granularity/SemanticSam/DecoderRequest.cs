namespace SemanticSam.Granularity.SemanticSam;

/// <summary>For which depths of the decoder the heads are run.</summary>
internal enum DecoderDepth
{
    /// <summary>The last layer only: inference.</summary>
    LastLayer,

    /// <summary>Every layer, the prediction before the first one included: training.</summary>
    AllLayers,
}

/// <summary>Which mask logits are computed.</summary>
internal enum MaskOutput
{
    /// <summary>None at all, not even their embeddings: boxes and classes only.</summary>
    None,

    /// <summary>Embeddings only; the caller takes <see cref="MaskCodes.Planes"/> of the rows worth it.</summary>
    Embeddings,

    /// <summary>The logits of the last layer.</summary>
    Last,

    /// <summary>The logits of every depth that is returned.</summary>
    All,
}

/// <summary>
/// One forward of the decoder. Prompts and object queries can go together; they do not see each other, so each gives what it
/// gives alone.
/// </summary>
internal sealed record DecoderRequest
{
    /// <summary>Clicks and boxes; null for none.</summary>
    public PromptQueries? Prompts { get; init; }

    /// <summary>Ask the model's object queries. Needs whole names where they are selected by text.</summary>
    public bool Objects { get; init; }

    /// <summary>Boxes with names; null for none. In the reference only beside object queries: leaving those out changes the result.</summary>
    public ConditionedQueries? Conditioned { get; init; }

    /// <summary>Names to select and classify by; null for no class logits.</summary>
    public NameEmbeddings? Names { get; init; }

    /// <summary>How many object queries to select; null for the configuration's number.</summary>
    public int? SelectedQueries { get; init; }

    /// <summary>For which depths predictions are returned.</summary>
    public DecoderDepth Depth { get; init; } = DecoderDepth.LastLayer;

    /// <summary>Which mask logits are computed.</summary>
    public MaskOutput Masks { get; init; } = MaskOutput.Last;

    /// <summary>Where the anchors of object queries come from; null for the configuration's choice.</summary>
    public AnchorSource? Anchors { get; init; }
}
