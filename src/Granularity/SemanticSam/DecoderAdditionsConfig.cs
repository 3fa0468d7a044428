namespace SemanticSam.Granularity.SemanticSam;

/// <summary>What the embedded model adds to the published decoder; see <see cref="DecoderAdditions"/>. Each part can be left out.</summary>
internal sealed record DecoderAdditionsConfig
{
    /// <summary>
    /// For each mask token the side of the box that stands for a click, relative to the padded image's longer side, 0..1: every token
    /// begins at a size of its own. Null: the prompt's box, for all tokens, as in Semantic-SAM.
    /// </summary>
    public IReadOnlyList<float>? ClickSizes { get; init; }

    /// <summary>
    /// Before each layer a prompt's queries are told what the mask features hold in and around their boxes, at so many places a side
    /// (<c>prompt_feature</c>); 0 for no such view.
    /// </summary>
    public int PromptSamples { get; init; }

    /// <summary>Whether a query's box shapes its mask (<c>shape_prior</c>; see <see cref="ShapePrior"/>).</summary>
    public bool ShapedByBox { get; init; }

    /// <summary>
    /// Whether the masks of a click are compared before their predicted IoUs are told (<c>click_quality</c>): how likely one is meant
    /// depends on what the others are.
    /// </summary>
    public bool ComparesClicks { get; init; }

    /// <summary>Whether the model was trained with a query for each name asked (<c>name_evidence</c>; see <see cref="DecoderAdditions.ForNames"/>).</summary>
    public bool NameQueries { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of range, or the decoder lacks what it adds to.</exception>
    internal void Validate(DecoderConfig decoder)
    {
        if (ClickSizes is { } sizes && (sizes.Count != decoder.MaskTokens || sizes.Any(s => !(s is > 0 and <= 1))))
            throw new ArgumentOutOfRangeException(nameof(ClickSizes), string.Join(", ", sizes),
                $"There must be a size in 0..1 for each of the {decoder.MaskTokens} mask tokens.");
        if (PromptSamples < 0 || PromptSamples == 1 || (PromptSamples > 0 && decoder.MaskTokens == 0))
            throw new ArgumentOutOfRangeException(nameof(PromptSamples), PromptSamples,
                "A view of the prompt has two places a side or more, and only decoders with mask tokens take prompts.");
        if (ComparesClicks && decoder.MaskTokens == 0)
            throw new ArgumentOutOfRangeException(nameof(ComparesClicks), ComparesClicks, "A decoder without mask tokens predicts no IoU.");
        if (NameQueries && !(decoder.ObjectQueries > 0 && decoder.TwoStage))
            throw new ArgumentOutOfRangeException(nameof(NameQueries), NameQueries,
                "Name queries gather evidence from the tokens that object queries are selected of: the decoder must be a two-stage one.");
    }
}
