using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>What the network knows of a batch of images before anything is asked.</summary>
/// <param name="Levels">Pyramid levels at strides 4, 8, 16 and 32, [B, PyramidWidth, H / stride, W / stride].</param>
/// <param name="Global">[B, C], float32: mean of the backbone's coarsest features.</param>
/// <param name="Pixels">[B, H / 4 * W / 4, EmbeddingWidth], float32, rows of length 1.</param>
internal sealed record NanoFeatures(Tensor[] Levels, Tensor Global, Tensor Pixels)
{
    /// <summary>The level that places look at: stride 16.</summary>
    public const int LookedAt = 2;

    /// <summary>What places look at, once for each look; made of <see cref="Levels"/>.</summary>
    public AttendedCells[] Cells { get; init; } = [];

    /// <summary>What names of surroundings are compared with, as <see cref="Pixels"/>; null until such a name is asked.</summary>
    public Tensor? Surroundings { get; init; }

    /// <summary>Rows at stride 4.</summary>
    public long Height => Levels[0].shape[2];

    /// <summary>Columns at stride 4.</summary>
    public long Width => Levels[0].shape[3];
}
