namespace SemanticSam.TextEncoder.Names;

/// <summary>What a name asks for.</summary>
public enum ConceptKind
{
    /// <summary>A name that may be a whole or a part; both are looked for.</summary>
    Any,

    /// <summary>A whole thing or stuff: "car".</summary>
    Whole,

    /// <summary>A part of anything: "wheel".</summary>
    Part,

    /// <summary>A part of a certain whole: "wheel of a car".</summary>
    PartOfWhole,
}

/// <summary>One thing that a text asks for.</summary>
/// <param name="Text">How it was written, trimmed; the label of results.</param>
/// <param name="Kind">What it asks for.</param>
/// <param name="Whole">Name of the whole; null for <see cref="ConceptKind.Part"/>.</param>
/// <param name="Part">Name of the part; null for <see cref="ConceptKind.Whole"/>. For <see cref="ConceptKind.Any"/> the same as <paramref name="Whole"/>.</param>
public sealed record Concept(string Text, ConceptKind Kind, string? Whole, string? Part);
