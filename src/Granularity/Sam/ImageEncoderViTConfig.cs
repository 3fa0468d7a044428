namespace SemanticSam.Granularity.Sam;

/// <summary>Sizes of SAM's image encoder.</summary>
internal sealed record ImageEncoderViTConfig
{
    /// <summary>Side of the square image, a multiple of <see cref="Patch"/>.</summary>
    public int ImageSize { get; init; } = 1024;

    /// <summary>Side of a patch.</summary>
    public int Patch { get; init; } = 16;

    /// <summary>Features of a token.</summary>
    public required long Width { get; init; }

    /// <summary>Blocks.</summary>
    public required int Depth { get; init; }

    /// <summary>Attention heads.</summary>
    public required long Heads { get; init; }

    /// <summary>Blocks whose attention is global; the others' is windowed.</summary>
    public required IReadOnlyList<int> GlobalBlocks { get; init; }

    /// <summary>Side of a window in patches.</summary>
    public int Window { get; init; } = 14;

    /// <summary>Features inside the MLPs over <see cref="Width"/>.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Features of the embedding.</summary>
    public long Output { get; init; } = 256;

    /// <summary>Side of the embedding: <see cref="ImageSize"/> / <see cref="Patch"/>.</summary>
    public int Grid => ImageSize / Patch;

    /// <summary>ViT-B.</summary>
    public static ImageEncoderViTConfig B { get; } = new() { Width = 768, Depth = 12, Heads = 12, GlobalBlocks = [2, 5, 8, 11] };

    /// <summary>ViT-L.</summary>
    public static ImageEncoderViTConfig L { get; } = new() { Width = 1024, Depth = 24, Heads = 16, GlobalBlocks = [5, 11, 17, 23] };

    /// <summary>ViT-H.</summary>
    public static ImageEncoderViTConfig H { get; } = new() { Width = 1280, Depth = 32, Heads = 16, GlobalBlocks = [7, 15, 23, 31] };

    internal void Validate()
    {
        if (Patch < 1 || ImageSize < Patch || ImageSize % Patch != 0)
            throw new ArgumentException($"The image's side must be a multiple of the patch's; they are {ImageSize} and {Patch}.");
        if (Width < 1 || Heads < 1 || Width % Heads != 0) throw new ArgumentException($"{Heads} heads do not divide {Width} features.");
        if (Depth < 1 || Window < 1 || MlpRatio < 1 || Output < 1) throw new ArgumentException("Depth, window, MLP ratio and output are at least 1.");
        if (GlobalBlocks.Any(block => block < 0 || block >= Depth))
            throw new ArgumentException($"Blocks are 0 to {Depth - 1}; global ones are {string.Join(", ", GlobalBlocks)}.");
    }
}
