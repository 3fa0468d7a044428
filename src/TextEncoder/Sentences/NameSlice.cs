namespace SemanticSam.TextEncoder.Sentences;

/// <summary>
/// A name that was not taught, but is a slice of a part that was: "upper lip" is the upper part of a mouth. At each column of the part's mask the slice lies
/// between two shares of the way from its top to its bottom.
/// </summary>
internal sealed record NameSlice
{
    /// <summary>The plain name: lower case, singular.</summary>
    public required string Name { get; init; }

    /// <summary>The part that it is a slice of.</summary>
    public required string Of { get; init; }

    /// <summary>Where it begins, 0 (top) to 1 (bottom).</summary>
    public double From { get; init; }

    /// <summary>Where it ends, above <see cref="From"/> and at most 1.</summary>
    public double To { get; init; } = 1;

    /// <summary>Other words for the same thing.</summary>
    public IReadOnlyList<string> Synonyms { get; init; } = [];
}
