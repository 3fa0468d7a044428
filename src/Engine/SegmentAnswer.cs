using SemanticSam.Masks;

namespace SemanticSam.Engine;

/// <summary>What prompts found (<see cref="ImageSession.Answer"/>).</summary>
public sealed class SegmentAnswer
{
    /// <summary>The masks, as <see cref="ImageSession.Segment(IReadOnlyList{Prompt}, SegmentOptions?)"/> gives them.</summary>
    public required IReadOnlyList<MaskResult> Masks { get; init; }

    /// <summary>
    /// How the names of prompts without a place were understood and what came of them, one report a name; empty for models that take names as they are.
    /// </summary>
    public required IReadOnlyList<NameReport> Names { get; init; }
}
