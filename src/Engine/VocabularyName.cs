namespace SemanticSam.Engine;

/// <summary>A name that a model was taught, or that is a slice of a part that it was taught.</summary>
public sealed record VocabularyName
{
    /// <summary>The plain name: lower case, singular.</summary>
    public required string Name { get; init; }

    /// <summary>True for a part of something, false for a whole.</summary>
    public bool IsPart { get; init; }

    /// <summary>True for what has no instances, such as sky.</summary>
    public bool IsStuff { get; init; }

    /// <summary>For a part: the wholes that have it.</summary>
    public IReadOnlyList<string> Of { get; init; } = [];

    /// <summary>Other words for the same thing.</summary>
    public IReadOnlyList<string> Synonyms { get; init; } = [];

    /// <summary>Narrower words, whose things are found under this name.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>For a slice, such as "upper lip": the taught part that it is a slice of, "mouth". Null for what was taught.</summary>
    public string? SliceOf { get; init; }

    /// <summary>The next wider names of the vocabulary: "animal" for "cat".</summary>
    public IReadOnlyList<string> Wider { get; init; } = [];
}
