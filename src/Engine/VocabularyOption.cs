namespace SemanticSam.Engine;

/// <summary>What a user's vocabulary file does to the model's.</summary>
public enum VocabularyUse
{
    /// <summary>Its names are added; a name that both have gets the words and relations of both.</summary>
    Extend,

    /// <summary>Its names stand alone.</summary>
    Replace,
}

/// <summary>A user's own vocabulary file: names with synonyms, kinds and relations, in the form that models/nano/vocabulary.json has.</summary>
/// <param name="Path">The file.</param>
/// <param name="Use">What it does to the model's vocabulary.</param>
public sealed record VocabularyOption(string Path, VocabularyUse Use = VocabularyUse.Extend);
