using SemanticSam.Masks;

namespace SemanticSam.Engine;

/// <summary>One step of everything mode: a batch of clicks, or the end of a crop.</summary>
public sealed record EverythingStep
{
    /// <summary>Share of all clicks done, 0 to 1.</summary>
    public required double Share { get; init; }

    /// <summary>The crop that was worked on, in pixels of the image.</summary>
    public required BoxI Crop { get; init; }

    /// <summary>
    /// New masks that are good, stable and whole. Not decided: one of them may yet turn out to be a duplicate of a better one. For showing
    /// progress.
    /// </summary>
    public IReadOnlyList<MaskResult> Candidates { get; init; } = [];

    /// <summary>Masks that are decided: all of them, over all steps, are the result, in its order.</summary>
    public IReadOnlyList<MaskResult> Decided { get; init; } = [];
}
