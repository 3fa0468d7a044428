namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Sizes of a <see cref="ConvNet"/>.</summary>
internal sealed record ConvNetConfig
{
    /// <summary>Channels after the first convolution.</summary>
    public required long Stem { get; init; }

    /// <summary>Channels of the four stages.</summary>
    public required IReadOnlyList<long> Channels { get; init; }

    /// <summary>Residual blocks of the four stages.</summary>
    public required IReadOnlyList<int> Blocks { get; init; }

    /// <summary>The backbone of the embedded default model.</summary>
    public static ConvNetConfig Nano { get; } = new() { Stem = 32, Channels = [32, 64, 128, 256], Blocks = [2, 2, 4, 2] };

    /// <exception cref="ArgumentException">A size is missing or not positive; the message names it.</exception>
    internal void Validate()
    {
        if (Channels.Count != 4 || Blocks.Count != 4)
            throw new ArgumentException($"A ConvNet has 4 stages; {Channels.Count} channel and {Blocks.Count} block counts were given.");
        if (Stem < 1 || Channels.Any(c => c < 1) || Blocks.Any(b => b < 0))
            throw new ArgumentException(
                $"Stem and Channels must be positive, Blocks not negative; they are {Stem}, [{string.Join(", ", Channels)}], [{string.Join(", ", Blocks)}].");
    }
}
