using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>What an image answers to a name.</summary>
/// <param name="Name">The name as the model takes it; null for models that take names as they are.</param>
/// <param name="Masks">Its things, the surest first.</param>
internal sealed record NameAnswer(ReadName? Name, IReadOnlyList<MaskResult> Masks)
{
    /// <summary>How sure the image is to show it, anywhere, 0 to 1; null where the model has no such opinion, and for what is not asked.</summary>
    public float? Presence { get; init; }

    /// <summary>Score of the surest thing that is not among the masks since its score is below the model's threshold; null for none.</summary>
    public float? Unsure { get; init; }
}
