namespace SemanticSam.Masks;

/// <summary>How much a mask of a click overlaps with those of each level of the same click, as IoU: 1 with itself, 0 where nothing compares them.</summary>
internal readonly record struct LevelOverlaps(float Scene, float Group, float Whole, float Part, float Subpart, float Detail)
{
    /// <summary>The overlap with a level's mask.</summary>
    public float this[GranularityLevel level] => level switch
    {
        GranularityLevel.Scene => Scene, GranularityLevel.Group => Group, GranularityLevel.Whole => Whole, GranularityLevel.Part => Part,
        GranularityLevel.Subpart => Subpart, _ => Detail,
    };

    /// <summary>The overlaps that a function gives.</summary>
    public static LevelOverlaps Of(Func<GranularityLevel, float> overlap) => new(overlap(GranularityLevel.Scene), overlap(GranularityLevel.Group),
        overlap(GranularityLevel.Whole), overlap(GranularityLevel.Part), overlap(GranularityLevel.Subpart), overlap(GranularityLevel.Detail));
}
