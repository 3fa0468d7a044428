using SemanticSam.Granularity.Sam;

namespace SemanticSam.Training.Tuning;

/// <summary>How a model is tuned.</summary>
internal enum TuningMethod
{
    /// <summary>RSPrompter-anchor.</summary>
    Anchor,

    /// <summary>RSPrompter-query.</summary>
    Query,

    /// <summary>SAM-seg with the head of Mask R-CNN.</summary>
    MaskRcnn,

    /// <summary>SAM-seg with the head of Mask2Former.</summary>
    Mask2Former,

    /// <summary>SAM-det: a detector with a backbone of its own.</summary>
    Detector,

    /// <summary>SAM-cls: a classifier of the masks of everything mode.</summary>
    Classifier,

    /// <summary>SAM-PARSER: coefficients of singular values, and the mask decoder.</summary>
    Parser,

    /// <summary>Low-rank adapters in the image encoder, and the mask decoder.</summary>
    LowRank,
}

/// <summary>What a tuning does; null takes what the method's authors took.</summary>
internal sealed record TuningOptions
{
    /// <summary>How.</summary>
    public required TuningMethod Method { get; init; }

    /// <summary>Passes over all images.</summary>
    public int? Epochs { get; init; }

    /// <summary>After so long the tuning ends, even if epochs are left; the rate falls in time. Earlier turns of a resumed one count. Null for no
    /// limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Images a step.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Largest learning rate.</summary>
    public double? Rate { get; init; }

    /// <summary>Longer gradients are cut to this length.</summary>
    public double MostGradient { get; init; } = 10;

    /// <summary>What a step leaves of the average of the weights, which is what a tuning delivers; 0 for the weights themselves.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>Decides order, views, samples and fresh weights.</summary>
    public int Seed { get; init; }

    /// <summary>Augmented views of an image, whose features are kept on disk; 0 draws a new one in each step. Null for 8, or 0 where encoding is
    /// cheap.</summary>
    public int? Views { get; init; }

    /// <summary>Bytes of features that are kept on disk.</summary>
    public long MostCache { get; init; } = 20L << 30;

    /// <summary>Steps between two checkpoints; null for an epoch, but no more than 250.</summary>
    public int? CheckpointEvery { get; init; }

    /// <summary>Steps between two lines of metrics.</summary>
    public int MetricsEvery { get; init; } = 10;

    /// <summary>Scales that views of images are drawn at.</summary>
    public ScaleRange Scales { get; init; } = ScaleRange.Released;

    /// <summary>
    /// Whether views of images are turned by quarters, too: for images without an above, such as those of satellites and microscopes. The authors turn none.
    /// </summary>
    public bool Turns { get; init; }

    /// <summary>
    /// Most regions or queries of an image whose masks are drawn in a step, each layer of queries by itself; null for all that stand for an instance, of
    /// regions 64 or 128 at most.
    /// </summary>
    public int? Masks { get; init; }

    /// <summary>Queries of the methods that have them.</summary>
    public int Queries { get; init; } = 70;

    /// <summary>Side of the image, where the model leaves it open.</summary>
    public int? ImageSize { get; init; }

    /// <summary>
    /// Side of the pieces of images that are learned from, at the size that whole images are seen at: a step costs as much as one at this side, and sees as
    /// much as one at <see cref="ImageSize"/>. Null for whole images.
    /// </summary>
    public int? Crop { get; init; }

    /// <summary>Boxes of an image that are asked in a step of SAM-PARSER and adapters.</summary>
    public int Boxes { get; init; } = 8;

    /// <summary>Most pixels that a side of such a box is moved outwards.</summary>
    public int BoxNoise { get; init; } = 20;

    /// <summary>SAM-PARSER as the script released with the paper trains it: the whole neck, Dice alone.</summary>
    public bool AsReleased { get; init; }

    /// <summary>File of the backbone of a detector (a ResNet-50) or a classifier (a ResNet-18) that was trained on ImageNet, by torchvision's names.</summary>
    public string? Backbone { get; init; }

    /// <summary>
    /// Where instances are found: the image encoder, a vision transformer, is trained by low-rank adapters instead of being frozen, and gives its embedding
    /// alone.
    /// </summary>
    public bool Adapters { get; init; }

    /// <summary>Layers that low-rank adapters can be attached to.</summary>
    public static IReadOnlyList<string> AdaptableLayers => LowRankOptions.Known;

    /// <summary>Numbers between the two matrices of an adapter.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>Over the rank what an adapter's answer is multiplied by.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Layers of each block that get adapters.</summary>
    public IReadOnlyList<string> AdaptedLayers { get; init; } = ["qkv"];

    /// <summary>Low-rank adapters.</summary>
    public LowRankOptions LowRank => new() { Rank = Rank, Alpha = Alpha, Targets = AdaptedLayers };

    /// <summary>Whether instances are found without a prompt.</summary>
    public bool FindsInstances => Method is not (TuningMethod.Parser or TuningMethod.LowRank);

    /// <summary>Epochs where none are asked for: those of the smallest of the paper's sets, or of the same authors' protocol.</summary>
    public int EpochsOrDefault => Epochs ?? Method switch { TuningMethod.MaskRcnn or TuningMethod.Detector => 150,
        TuningMethod.Parser or TuningMethod.LowRank or TuningMethod.Classifier => 20, _ => 300 };

    /// <summary>The rate where none is asked for.</summary>
    public double RateOrDefault => Rate ?? Method switch { TuningMethod.Anchor or TuningMethod.MaskRcnn or TuningMethod.Detector => 2e-4, _ => 1e-4 };

    /// <exception cref="ArgumentException">A number is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(EpochsOrDefault, 1, nameof(Epochs));
        ArgumentOutOfRangeException.ThrowIfLessThan(Batch, 1);
        if (!(RateOrDefault > 0 && double.IsFinite(RateOrDefault))
            ) throw new ArgumentOutOfRangeException(nameof(Rate), Rate, "The learning rate has to be positive.");
        if (Views is < 0 or > 1000) throw new ArgumentOutOfRangeException(nameof(Views), Views, "There are 0 to 1000 views of an image.");
        ArgumentOutOfRangeException.ThrowIfNegative(MostCache);
        if (TimeLimit is { } limit && limit <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(TimeLimit), limit, "The time has to be positive.");
        if (Masks is < 1) throw new ArgumentOutOfRangeException(nameof(Masks), Masks, "At least one mask of an image is drawn.");
        if (!(Scales.Least >= 0.01 && Scales.Least <= Scales.Most && Scales.Most <= 10))
            throw new ArgumentOutOfRangeException(nameof(Scales), Scales, "Scales are 0.01 to 10, the smaller one first.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Boxes, 1);
        if (Queries is < 1 or > 1000) throw new ArgumentOutOfRangeException(nameof(Queries), Queries, "There are 1 to 1000 queries.");
        LowRank.Validate();
        if (Crop is not null && (Adapters || Method is TuningMethod.Detector or TuningMethod.Classifier or TuningMethod.Parser or TuningMethod.LowRank))
            throw new ArgumentException("Pieces of images are learned from by RSPrompter and SAM-seg alone, on a frozen encoder.");
        if (Turns && Method is (TuningMethod.Classifier or TuningMethod.Parser or TuningMethod.LowRank))
            throw new ArgumentException("Views are turned by RSPrompter, SAM-seg and SAM-det alone.");
        if ((Method is TuningMethod.Detector or TuningMethod.Classifier) != Backbone is not null)
            throw new ArgumentException(Backbone is not null ? "A backbone belongs to SAM-det and SAM-cls; the other methods have SAM's encoder."
                : Method == TuningMethod.Detector
                    ? "The detector of SAM-det stands on a ResNet-50 that was trained on ImageNet: name its file, with torchvision's names."
                : "The classifier of SAM-cls is a ResNet-18 that was trained on ImageNet: name its file, with torchvision's names.");
        if (Adapters && Method is (TuningMethod.Detector or TuningMethod.Classifier))
            throw new ArgumentException("SAM-det and SAM-cls leave SAM as it is: adapters belong to the other methods that find instances.");
        if (Adapters && !FindsInstances) throw new ArgumentException("Adapters beside a prompter belong to the methods that find instances.");
    }
}
