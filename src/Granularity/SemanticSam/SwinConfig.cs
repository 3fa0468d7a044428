namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Sizes of a Swin transformer (arXiv 2103.14030).</summary>
internal sealed record SwinConfig
{
    /// <summary>Channels of the first stage; each further stage doubles them.</summary>
    public required long EmbedDim { get; init; }

    /// <summary>Blocks of each of the four stages.</summary>
    public required IReadOnlyList<int> Depths { get; init; }

    /// <summary>Attention heads of each of the four stages; each divides its stage's channels.</summary>
    public required IReadOnlyList<long> Heads { get; init; }

    /// <summary>Side of an attention window, in tokens.</summary>
    public required long Window { get; init; }

    /// <summary>Hidden width of a block's MLP over its channels.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Chance with which training skips the last block's branches; earlier blocks less, linearly from 0.</summary>
    public double StochasticDepth { get; init; } = 0.3;

    /// <summary>The tiny model, window 7: 96, 192, 384, 768 channels.</summary>
    public static SwinConfig T { get; } = new() { EmbedDim = 96, Depths = [2, 2, 6, 2], Heads = [3, 6, 12, 24], Window = 7 };

    /// <summary>The large model, window 12: 192, 384, 768, 1536 channels.</summary>
    public static SwinConfig L { get; } = new() { EmbedDim = 192, Depths = [2, 2, 18, 2], Heads = [6, 12, 24, 48], Window = 12 };

    /// <exception cref="ArgumentException">A size is missing, not positive, or does not fit the others; the message names it.</exception>
    internal void Validate()
    {
        if (Depths.Count != 4 || Heads.Count != 4)
            throw new ArgumentException($"Swin has 4 stages; {Depths.Count} depths and {Heads.Count} head counts were given.");
        if (EmbedDim < 1 || Window < 2)
            throw new ArgumentException($"EmbedDim must be at least 1 and Window at least 2; they are {EmbedDim} and {Window}.");
        for (int s = 0; s < 4; s++)
            if (Heads[s] < 1 || (EmbedDim << s) % Heads[s] != 0)
                throw new ArgumentException($"Heads[{s}] must divide the stage's {EmbedDim << s} channels; it is {Heads[s]}.");
        if (StochasticDepth is not (>= 0 and < 1))
            throw new ArgumentException($"StochasticDepth must be in [0, 1); it is {StochasticDepth}.");
    }
}
