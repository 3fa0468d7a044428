using SemanticSam.Formats;
using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Training.Nano;

/// <summary>Which names are those of surroundings: those that are known mostly from the annotations of surroundings, not from the set itself.</summary>
internal static class SurroundingsNames
{
    private const double MostOfTheSet = 0.5;

    /// <summary>Plain names of which at least half of the images that show them do so by annotations that were joined to the set.</summary>
    /// <param name="names">The names of all annotations.</param>
    /// <param name="set">The images without what was joined.</param>
    /// <param name="vocabulary">Names and their relations.</param>
    public static IReadOnlySet<string> Of(NanoNames names, IReadOnlyList<AnnotatedImage> set, NameVocabulary vocabulary)
    {
        var before = new NanoNames(set, vocabulary).Queries.Where(q => q.Whole is null).ToDictionary(q => q.Name, q => q.Images);
        return names.Queries.Where(q => q.Whole is null && before.GetValueOrDefault(q.Name) <= MostOfTheSet * q.Images).Select(q => q.Name).ToHashSet();
    }
}
