namespace SemanticSam.Masks;

/// <summary>
/// How large a piece of the scene a mask stands for: six named levels, ordered from the largest to the smallest.
/// The numeric value is the level index of the JSON output and of Semantic-SAM's user levels (1 largest ... 6 smallest;
/// that project's demo calls 1 and 2 "semantic", 3 "instance", 4 to 6 "part").
/// </summary>
/// <remarks>Compare levels with <c>&lt;</c>: a smaller value is a larger granularity. Which output token of a decoder gives
/// which level is the business of <see cref="GranularityMap"/>.</remarks>
public enum GranularityLevel
{
    /// <summary>A region of the scene: everything that belongs together, such as all the trees behind a road.</summary>
    Scene = 1,

    /// <summary>Several objects of one kind, or an object with what it carries, such as a rider on a horse.</summary>
    Group = 2,

    /// <summary>One whole object: a person, a car.</summary>
    Whole = 3,

    /// <summary>A named part of a whole: a head, a wheel.</summary>
    Part = 4,

    /// <summary>A part of a part: an eye, a rim.</summary>
    Subpart = 5,

    /// <summary>The smallest piece a decoder separates: a pupil, a wheel nut.</summary>
    Detail = 6,
}
