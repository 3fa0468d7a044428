namespace SemanticSam.Engine;

/// <summary>What a user's vocabulary file does to the model's.</summary>
internal enum VocabularyUse
{
    /// <summary>Its names are added; a name that both have gets the words and relations of both.</summary>
    Extend,

    /// <summary>Its names stand alone.</summary>
    Replace,
}

/// <summary>A user's own vocabulary file: see <see cref="ModelOptions.VocabularyFile"/>.</summary>
/// <param name="Path">The file.</param>
/// <param name="Use">What it does to the model's vocabulary.</param>
internal sealed record VocabularyOption(string Path, VocabularyUse Use = VocabularyUse.Extend);
