using System.Globalization;
using System.Text;
using SemanticSam.Engine.Batch;
using SemanticSam.Formats.Coco;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Training.Data;

/// <summary>What a data set holds, in numbers.</summary>
public sealed class DatasetStatistics
{
    internal DatasetStatistics(WholePartDataset data)
    {
        var annotations = data.Images.SelectMany(i => i.Annotations).ToList();
        Images = data.Images.Count;
        Annotations = annotations.Count;
        ByLevel = Enum.GetValues<AnnotationLevel>().ToDictionary(l => l, l => annotations.Count(a => a.Level == l));
        WithParent = annotations.Count(a => a.Parent is not null);
        Weak = annotations.Count(a => a.IsWeak);
        Derived = annotations.Count(a => a.IsDerived);
        WholeNames = data.Categories.Count(c => c.Level is AnnotationLevel.Whole or AnnotationLevel.Stuff);
        PartNames = data.Categories.Count(c => c.Level == AnnotationLevel.Part);
        BySource = Count(data.Images, i => i.Source ?? "(none)");
        ByLicense = Count(data.Images, i => i.License?.Name ?? "not stated");
        ByCategory = Count(annotations, a => a.Category.FullName);
    }

    /// <summary>Images.</summary>
    public int Images { get; }

    /// <summary>Masks.</summary>
    public int Annotations { get; }

    /// <summary>Masks of each level.</summary>
    public IReadOnlyDictionary<AnnotationLevel, int> ByLevel { get; }

    /// <summary>Masks with a parent.</summary>
    public int WithParent { get; }

    /// <summary>Approximate masks.</summary>
    public int Weak { get; }

    /// <summary>Unions of other masks.</summary>
    public int Derived { get; }

    /// <summary>Categories of wholes and stuff.</summary>
    public int WholeNames { get; }

    /// <summary>Categories of parts.</summary>
    public int PartNames { get; }

    /// <summary>Images of each source, most first.</summary>
    public IReadOnlyList<(string Name, int Count)> BySource { get; }

    /// <summary>Images of each license class, most first.</summary>
    public IReadOnlyList<(string Name, int Count)> ByLicense { get; }

    /// <summary>Masks of each category ("wheel of car"), most first.</summary>
    public IReadOnlyList<(string Name, int Count)> ByCategory { get; }

    /// <summary>A table for a person.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Images} images, {Annotations} masks: {string.Join(", ", ByLevel.Where(p => p.Value > 0).Select(p => $"{p.Value} {p.Key.ToString().ToLowerInvariant()}"))}");
        text.AppendLine(CultureInfo.InvariantCulture, $"{WithParent} with a parent, {Weak} weak, {Derived} derived; {WholeNames} names of wholes and stuff, {PartNames} of parts");
        Append(text, "license classes", ByLicense, int.MaxValue);
        Append(text, "sources", BySource, int.MaxValue);
        Append(text, "names", ByCategory, 20);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string title, IReadOnlyList<(string Name, int Count)> counts, int most)
    {
        text.Append(title).Append(": ").AppendJoin(", ", counts.Take(most).Select(c => $"{c.Name} {c.Count}"));
        text.AppendLine(counts.Count > most ? $", and {counts.Count - most} more" : "");
    }

    private static List<(string, int)> Count<T>(IEnumerable<T> items, Func<T, string> key) =>
        [.. items.GroupBy(key).Select(g => (g.Key, g.Count())).OrderByDescending(p => p.Item2).ThenBy(p => p.Key, StringComparer.Ordinal)];
}
