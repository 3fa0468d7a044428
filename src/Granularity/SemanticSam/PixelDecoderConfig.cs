namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Sizes of a deformable pixel decoder.</summary>
internal sealed record PixelDecoderConfig
{
    /// <summary>Channels of the backbone's res2, res3, res4 and res5.</summary>
    public required IReadOnlyList<long> Channels { get; init; }

    /// <summary>Width of the tokens and of the maps returned; a multiple of 32 (groups of the norms) and of <see cref="Heads"/>.</summary>
    public long Width { get; init; } = 256;

    /// <summary>Channels of the mask features.</summary>
    public long MaskWidth { get; init; } = 256;

    /// <summary>Hidden width of an encoder layer's MLP.</summary>
    public long FeedForward { get; init; } = 2048;

    /// <summary>Encoder layers.</summary>
    public int Layers { get; init; } = 6;

    /// <summary>Attention heads.</summary>
    public long Heads { get; init; } = 8;

    /// <summary>Points a head and level looks at.</summary>
    public long Points { get; init; } = 4;

    /// <summary>Levels of the encoder: 4 for strides 8 to 64, 5 for strides 4 to 64.</summary>
    public int Levels { get; init; } = 4;

    /// <exception cref="ArgumentException">A size is out of range or does not fit the others; the message names it.</exception>
    internal void Validate()
    {
        if (Channels.Count != 4)
            throw new ArgumentException($"A pixel decoder takes 4 maps, {Channels.Count} channel counts were given.");
        if (Levels is not (4 or 5))
            throw new ArgumentException($"Levels must be 4 (strides 8 to 64) or 5 (strides 4 to 64); it is {Levels}.");
        if (Width < 32 || Width % 32 != 0 || Width % Heads != 0)
            throw new ArgumentException($"Width must be a multiple of 32 and of the {Heads} heads; it is {Width}.");
    }
}
