namespace SemanticSam.Granularity.Sam;

/// <summary>Sizes of MobileSAM's image encoder: one entry a stage, the first of which is convolutional.</summary>
internal sealed record TinyViTConfig
{
    /// <summary>Side of the square image, a multiple of 16.</summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>Features. A stage of 320, 448 or 576 keeps the resolution of the one before; the last must be one of these.</summary>
    public IReadOnlyList<long> Widths { get; init; } = [64, 128, 160, 320];

    /// <summary>Blocks.</summary>
    public IReadOnlyList<int> Depths { get; init; } = [2, 2, 6, 2];

    /// <summary>Attention heads; the first is not used.</summary>
    public IReadOnlyList<long> Heads { get; init; } = [2, 4, 5, 10];

    /// <summary>Sides of windows; the first is not used.</summary>
    public IReadOnlyList<long> Windows { get; init; } = [7, 7, 14, 7];

    /// <summary>Features inside the MLPs over those outside.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Features inside the convolution blocks over those outside.</summary>
    public int ConvolutionRatio { get; init; } = 4;

    /// <summary>Classes of the head that the checkpoints carry; it is not used.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Features of the embedding.</summary>
    public long Output { get; init; } = 256;

    /// <summary>Side of the embedding.</summary>
    public int Grid => ImageSize / 16;

    /// <summary>As published.</summary>
    public static TinyViTConfig MobileSam { get; } = new();

    /// <summary>Whether a stage of this width keeps the resolution of the one before.</summary>
    internal static bool KeepsResolution(long width) => width is 320 or 448 or 576;

    internal void Validate()
    {
        if (ImageSize < 16 || ImageSize % 16 != 0) throw new ArgumentException($"The image's side must be a multiple of 16; it is {ImageSize}.");
        if (Widths.Count != 4 || Depths.Count != 4 || Heads.Count != 4 || Windows.Count != 4)
            throw new ArgumentException("There are four stages: four widths, depths, heads and windows.");
        if (!KeepsResolution(Widths[3]) || KeepsResolution(Widths[1]) || KeepsResolution(Widths[2]))
            throw new ArgumentException($"The last width, and only it, must be 320, 448 or 576; they are {string.Join(", ", Widths)}.");
        for (int s = 1; s < 4; s++)
            if (Heads[s] < 1 || Widths[s] % Heads[s] != 0) throw new ArgumentException($"{Heads[s]} heads do not divide {Widths[s]} features.");
        if (Depths.Any(d => d < 1) || Windows.Any(w => w < 1)) throw new ArgumentException("Depths and windows are at least 1.");
    }
}
