namespace SemanticSam.TextEncoder.Names;

/// <summary>What is encoded for a name.</summary>
public enum PromptStyle
{
    /// <summary>The name in each of the 81 <see cref="PromptTemplates"/>, averaged and normalised.</summary>
    Templates,

    /// <summary>The name alone, for models trained without templates.</summary>
    BareName,
}

/// <summary>How <see cref="Vocabulary"/> encodes and caches names.</summary>
public sealed record VocabularyOptions
{
    /// <summary>What is encoded for a name. Default <see cref="PromptStyle.Templates"/>.</summary>
    public PromptStyle Prompts { get; init; } = PromptStyle.Templates;

    /// <summary>Whether COCO's marks <c>-other</c>, <c>-merged</c> and <c>-stuff</c> are taken off names first. Default true.</summary>
    public bool StripMarks { get; init; } = true;

    /// <summary>Most texts in one forward pass. Default 256.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>Most names kept; the one asked for longest ago goes first. Null, the default: all.</summary>
    public int? Capacity { get; init; }
}
