namespace SemanticSam.Engine;

/// <summary>How a model understood a name.</summary>
internal enum NameMatch
{
    /// <summary>As a name it was taught, perhaps in the plural or with an article.</summary>
    Name,

    /// <summary>As another word for a name it was taught: "couch" for "sofa".</summary>
    Synonym,

    /// <summary>As a narrower word, whose things it finds under the wider name: "poodle" under "dog".</summary>
    Kind,

    /// <summary>As a slice of the things of a name it was taught: "upper lip" of "mouth".</summary>
    Slice,

    /// <summary>By its meaning alone: it was not taught the word, but words near to it.</summary>
    Near,

    /// <summary>Not at all: nothing near it is known, so the image is not asked.</summary>
    Unknown,
}

/// <summary>What <see cref="NameMatch"/> says.</summary>
internal static class NameMatches
{
    /// <summary>Whether the vocabulary has it, be it as a word or as a slice of what it has.</summary>
    public static bool IsTaught(this NameMatch match) => match is NameMatch.Name or NameMatch.Synonym or NameMatch.Kind or NameMatch.Slice;
}
