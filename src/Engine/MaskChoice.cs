namespace SemanticSam.Engine;

/// <summary>Which masks of a point, a box or a seed are wanted.</summary>
public enum MaskChoice
{
    /// <summary>One mask a level, from the largest to the smallest: for prompts that may mean several things.</summary>
    EveryLevel,

    /// <summary>
    /// One mask a prompt. SAM and MobileSAM have a token for it (<c>multimask_output=False</c>), whose mask has no level; it suits prompts
    /// that leave nothing open, such as several points or a box. Of other models: the mask of highest predicted IoU among the levels asked for.
    /// </summary>
    Single,

    /// <summary>
    /// The good and distinct ones, best first, as Semantic-SAM's demo shows them: predicted IoU at least 0.5, near-duplicates (IoU above
    /// 0.95) dropped, the last one kept if none is good.
    /// </summary>
    Distinct,
}
