namespace SemanticSam.TextEncoder.Sentences;

/// <summary>Sizes of a <see cref="SentenceEncoder"/>; the defaults are all-MiniLM-L6-v2's.</summary>
internal sealed record SentenceEncoderConfig
{
    /// <summary>Numbers an embedding.</summary>
    public int Width { get; init; } = 384;

    /// <summary>Transformer layers.</summary>
    public int Layers { get; init; } = 6;

    /// <summary>Attention heads; they divide the width.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Width between the two linear layers of a block.</summary>
    public int FeedForward { get; init; } = 1536;

    /// <summary>Lines of the word list.</summary>
    public int VocabularySize { get; init; } = 30522;

    /// <summary>Most tokens a text.</summary>
    public int Positions { get; init; } = 512;

    /// <summary>Added to variances.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-12;
}
