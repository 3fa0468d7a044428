namespace SemanticSam.Tests.Reference.OpenSeeD;

/// <summary>Thresholds of semantic, panoptic and instance inference (OpenSeeD, arXiv 2303.08131); the defaults are its own.</summary>
internal sealed record TextInferenceOptions
{
    /// <summary>A query takes part in the panoptic result when its best name's probability exceeds this.</summary>
    public double ObjectMaskThreshold { get; init; } = 0.25;

    /// <summary>Share of a query's mask that it must win against the others to become a segment.</summary>
    public double OverlapThreshold { get; init; } = 0.8;

    /// <summary>Sharpen name probabilities against each other by a softmax (PANO_TRANSFORM_EVAL).</summary>
    public bool Sharpen { get; init; } = true;

    /// <summary>Temperature of that softmax.</summary>
    public double Temperature { get; init; } = 0.06;

    /// <summary>Instances kept: pairs of query and name by descending probability.</summary>
    public int TopInstances { get; init; } = 100;

    /// <summary>Score instances by their name alone, not also by their mask.</summary>
    public bool ScoreByNameOnly { get; init; }

    /// <summary>Only the first so many queries become instances (300 in the decoupled models, whose later ones are for stuff); null for all.</summary>
    public int? InstanceQueries { get; init; }
}
