using SemanticSam.Formats;
using SemanticSam.TextEncoder.Sentences;

namespace SemanticSam.Training.Nano;

/// <summary>What the head for surroundings learns: what is known mostly from the annotations that were made for it, not from the set itself.</summary>
internal static class SurroundingsNames
{
    private const double MostOfTheSet = 0.5;

    /// <summary>
    /// Names, and parts of one whole, of which at least half of the images that show them do so by annotations that were joined to the set. Of a part that the
    /// vocabulary says is learned apart of some wholes it is the parts of these, however many the set itself has.
    /// </summary>
    /// <param name="names">The names of all annotations.</param>
    /// <param name="set">The images without what was joined.</param>
    /// <param name="vocabulary">Names and their relations.</param>
    public static IReadOnlySet<QueryName> Of(NanoNames names, IReadOnlyList<AnnotatedImage> set, NameVocabulary vocabulary)
    {
        var before = new NanoNames(set, vocabulary).Queries.ToDictionary(q => q.Named, q => q.Images);
        return names.Queries.Where(Belongs).Select(q => q.Named).ToHashSet();

        bool Belongs(NanoQuery query)
        {
            int ofTheSet = before.GetValueOrDefault(query.Named);
            return vocabulary.Part(query.Name) is { LearnedApart: { Count: > 0 } wholes }
                ? query.Whole is { } whole && wholes.Contains(whole) && ofTheSet < query.Images
                : ofTheSet <= MostOfTheSet * query.Images;
        }
    }
}
