using SemanticSam.Formats;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>Names that are not in an image, as far as its annotations can tell.</summary>
internal static class AbsentNames
{
    /// <summary>
    /// Wholes of which the image has none, and parts none of whose wholes the image has (a car without annotated wheels may well have
    /// wheels); of an image that says what was looked for and is not there, such names alone. Seeded; half of each where possible.
    /// </summary>
    public static IEnumerable<(string Name, bool IsPart)> Choose(WholePartDataset data, AnnotatedImage image, int count, Random random)
    {
        var names = image.Annotations.Select(a => a.Category).OfType<string>().ToHashSet();
        var wholes = image.Annotations.Select(a => a.Role == AnnotationRole.Part ? CategoryKey.Of(a)?.Supercategory : a.Category).OfType<string>().ToHashSet();
        var missing = image.AbsentCategories.Select(CategoryKey.Of).ToHashSet();
        var categories = missing.Count == 0 ? data.Categories : [.. data.Categories.Where(c => missing.Contains(CategoryKey.Of(c)))];
        var absentWholes = categories.Where(c => c.Role != AnnotationRole.Part && !names.Contains(c.Name) && !wholes.Contains(c.Name))
            .Select(c => c.Name).Distinct().ToArray();
        var absentParts = categories.Where(c => c.Role == AnnotationRole.Part).GroupBy(c => c.Name)
            .Where(g => !names.Contains(g.Key) && g.All(c => c.Supercategory is null || !wholes.Contains(c.Supercategory))).Select(g => g.Key).ToArray();
        random.Shuffle(absentWholes);
        random.Shuffle(absentParts);
        int parts = Math.Min(count / 2, absentParts.Length);
        return absentWholes.Take(count - parts).Select(n => (n, false)).Concat(absentParts.Take(parts).Select(n => (n, true)));
    }
}
