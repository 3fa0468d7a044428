using SemanticSam.Formats;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Nano.Teaching;

/// <summary>A user's annotated images: those to learn from and those kept aside, with names as people say them ("storage_tank" is "storage tank").</summary>
/// <param name="Learned">To learn from.</param>
/// <param name="Kept">To measure on.</param>
internal sealed record TeachData(IReadOnlyList<AnnotatedImage> Learned, IReadOnlyList<AnnotatedImage> Kept)
{
    /// <summary>Divides a set.</summary>
    /// <param name="set">The images.</param>
    /// <param name="keptAside">One in so many is kept; 0 for none.</param>
    /// <exception cref="AnnotationFileException">No image has a name.</exception>
    public static TeachData Of(WholePartDataset set, int keptAside)
    {
        AnnotatedImage[] images = [.. set.Images.Select(Named).Where(i => i.Annotations.Count > 0)];
        if (!images.SelectMany(i => i.Annotations).Any(a => a.Category is not null))
            throw new AnnotationFileException("the annotations", "", "no mask has a name, so there is nothing to teach");
        bool Kept(int i) => keptAside > 0 && images.Length > keptAside && i % keptAside == keptAside - 1;
        return new([.. images.Where((_, i) => !Kept(i))], [.. images.Where((_, i) => Kept(i))]);
    }

    /// <summary>The names of all masks.</summary>
    public IReadOnlyList<CategoryKey> Names => [.. NanoNames.KeysOf(Learned.Concat(Kept).SelectMany(i => i.Annotations)).Distinct()];

    /// <summary>The set with names as people say them.</summary>
    public static AnnotatedImage Named(AnnotatedImage image) => image with { Annotations = [.. image.Annotations.Select(Named)] };

    private static Annotation Named(Annotation a) => a with
    {
        Whole = a.Whole is { } whole ? whole with { Name = Plain(whole.Name) } : null, Part = a.Part is { } part ? part with { Name = Plain(part.Name) } : null,
    };

    private static string Plain(string name) => string.Join(' ', name.Replace('_', ' ').ToLowerInvariant()
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Which of the names a vocabulary does not have.</summary>
    public IReadOnlyList<CategoryKey> NewTo(NameVocabulary vocabulary) =>
        [.. Names.Where(n => (n.IsPart ? vocabulary.Part(n.Name) : vocabulary.Whole(n.Name)) is null)];
}
