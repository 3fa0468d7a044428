using SemanticSam.Masks;

namespace SemanticSam.Engine;

/// <summary>
/// How everything in an image is segmented: clicks on a grid, their masks filtered (<c>SamAutomaticMaskGenerator</c> of segment-anything,
/// arXiv 2304.02643 appendix B). Null takes the model's own setting: for SAM and MobileSAM the reference's default, for Semantic-SAM that
/// of its own generator; the embedded model has others, since its masks are coarser (docs/prompts.md).
/// </summary>
public sealed record EverythingOptions : MaskThresholds
{
    /// <summary>Levels wanted, in the order in which equally good masks win; null for all that the model has.</summary>
    public IReadOnlyList<GranularityLevel>? Levels { get; init; }

    /// <summary>Clicks along each side of the image; 1 to 128. SAM, Semantic-SAM: 32. Cannot be combined with <see cref="PointGrids"/>.</summary>
    public int? PointsPerSide { get; init; }

    /// <summary>Grids of your own: for each crop layer its clicks relative to the crop's sides, 0 to 1. Null for regular grids.</summary>
    public IReadOnlyList<IReadOnlyList<(double X, double Y)>>? PointGrids { get; init; }

    /// <summary>
    /// Clicks that go through the decoder together, fewer where <see cref="MaxMemory"/> asks for it; 1 to 1024. Of masks that repeat each other within a batch
    /// the embedded model draws the one that its network likes best, so other batches may show another of nearly equal masks.
    /// </summary>
    public int PointsPerBatch { get; init; } = 64;

    /// <summary>
    /// Layers of crops beyond the whole image: layer i has 2^i x 2^i of them, each encoded by itself. 0 to 4. Reference: 0. Layers whose crops have fewer
    /// pixels than the model has cells of 16 x 16 (28 x 28 for the embedded model, 64 x 64 for SAM) are left out: there is nothing to be seen in them.
    /// </summary>
    public int CropLayers { get; init; }

    /// <summary>Overlap of crops in layer 1 over the image's shorter side, halved with each layer; 0 to 1 (1 excluded). Reference: 512/1500.</summary>
    public double CropOverlapRatio { get; init; } = CropBoxes.DefaultOverlapRatio;

    /// <summary>Layer i has <see cref="PointsPerSide"/> over this to the i-th clicks a side, rounded down; at least 1. Reference: 1.</summary>
    public int CropPointsDownscaleFactor { get; init; } = 1;

    /// <summary>
    /// Bytes that clicks and masks may take while they are worked on, beyond the model, the image, its features and the masks found. It
    /// decides how many clicks go through the decoder and how many masks are drawn at a time; one click always goes. At least 1 MiB.
    /// Encoding (of the image or a crop) is not bounded by it.
    /// </summary>
    public long MaxMemory { get; init; } = 512L << 20;

    /// <summary>
    /// Whether the mask tokens of all clicks of a batch see each other in Semantic-SAM's decoder, as in its published demo and mask generator: masks then
    /// depend on the batch size. Without it the answer to a click does not depend on what else is asked, as in that model's training and evaluation.
    /// A joint batch goes through at once, whatever <see cref="MaxMemory"/> says. Default: false.
    /// </summary>
    public bool JointClicks { get; init; }

    /// <summary>Labels; see <see cref="SegmentOptions.Vocabulary"/>.</summary>
    public IReadOnlyList<string>? Vocabulary { get; init; }

    /// <summary>See <see cref="SegmentOptions.LabelThreshold"/>.</summary>
    public double? LabelThreshold { get; init; }

    internal void Validate()
    {
        ValidateThresholds();
        if (PointsPerSide is { } n && n is < 1 or > 128)
            throw new ArgumentOutOfRangeException(nameof(PointsPerSide), PointsPerSide, "The grid has 1 to 128 points a side.");
        if (PointsPerBatch is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(PointsPerBatch), PointsPerBatch, "A batch has 1 to 1024 points.");
        if (Levels is { Count: 0 })
            throw new ArgumentOutOfRangeException(nameof(Levels), Levels.Count, "Ask for at least one level, or null for all.");
        if (CropLayers is < 0 or > 4)
            throw new ArgumentOutOfRangeException(nameof(CropLayers), CropLayers, "There are 0 to 4 layers of crops; layer 4 alone has 256.");
        if (!(CropOverlapRatio is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(CropOverlapRatio), CropOverlapRatio,
                "Crops overlap by 0 or more and less than 1 of the shorter side.");
        ArgumentOutOfRangeException.ThrowIfLessThan(CropPointsDownscaleFactor, 1);
        if (MaxMemory < 1 << 20)
            throw new ArgumentOutOfRangeException(nameof(MaxMemory), MaxMemory, "At least 1 MiB (1048576 bytes) is needed.");
        if (LabelThreshold is { } label && !(label is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(LabelThreshold), label, "A probability is between 0 and 1.");
        foreach (string name in Vocabulary ?? []) ArgumentNullException.ThrowIfNull(name, nameof(Vocabulary));
        ValidateGrids();
    }

    private void ValidateGrids()
    {
        if (PointGrids is null) return;
        if (PointsPerSide is not null)
            throw new ArgumentException("Give either PointsPerSide or PointGrids: a grid of your own has its own clicks.", nameof(PointGrids));
        if (PointGrids.Count != CropLayers + 1)
            throw new ArgumentException(
                $"{PointGrids.Count} grids were given; with {CropLayers} layers of crops there is one for the whole image and one a layer, {CropLayers + 1}.",
                nameof(PointGrids));
        foreach (var grid in PointGrids)
        {
            ArgumentNullException.ThrowIfNull(grid, nameof(PointGrids));
            if (grid.Count == 0) throw new ArgumentException("A grid has no point.", nameof(PointGrids));
            foreach (var point in grid)
                if (!(point.X is >= 0 and <= 1 && point.Y is >= 0 and <= 1))
                    throw new ArgumentOutOfRangeException(nameof(PointGrids), point, "Points are relative to the sides: 0 to 1.");
        }
    }

    /// <summary>The grid of each layer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A layer would have no point.</exception>
    internal IReadOnlyList<IReadOnlyList<(double X, double Y)>> Grids(int pointsPerSide) =>
        PointGrids ?? PointGrid.BuildLayers(PointsPerSide ?? pointsPerSide, CropLayers, CropPointsDownscaleFactor);
}
