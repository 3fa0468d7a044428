using SemanticSam.Formats;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Samples;

/// <summary>
/// Which names an image is asked for: some of those its masks carry, and some that are absent. Absence is taken only where it is sure: no
/// name the image has anywhere, no part of a whole the image shows, and seldom a whole where not every object is labeled.
/// </summary>
internal sealed class NameSampler
{
    private const double LongPartShare = 0.3, PluralShare = 0.15, AbsentWholeShare = 0.6, AbsentWholeOfIncompleteShare = 0.3;

    private readonly (string Name, double Weight)[] _wholes, _parts;
    private readonly double[] _wholeWeights, _partWeights;
    private readonly Dictionary<string, HashSet<string>> _wholesOfPart = [];

    public NameSampler(WholePartDataset data)
    {
        _wholes = Weighted(data, part: false);
        _parts = Weighted(data, part: true);
        _wholeWeights = [.. _wholes.Select(n => n.Weight)];
        _partWeights = [.. _parts.Select(n => n.Weight)];
        foreach (var category in data.Categories.Where(c => c.Role == AnnotationRole.Part))
        {
            if (!_wholesOfPart.TryGetValue(category.Name, out var wholes)) _wholesOfPart[category.Name] = wholes = [];
            if (category.Supercategory is { } whole) wholes.Add(whole);
        }
    }

    /// <param name="random">Source of chance.</param>
    /// <param name="image">The image with all its annotations.</param>
    /// <param name="masks">Those of them on the canvas.</param>
    /// <param name="flipped">Left and right are exchanged, in names too.</param>
    /// <param name="options">How many.</param>
    /// <returns>Wholes, then parts.</returns>
    public IReadOnlyList<TrainingName> Draw(Random random, AnnotatedImage image, IReadOnlyList<Annotation> masks, bool flipped, SampleOptions options)
    {
        var names = Present(random, masks, flipped, options.PresentNames);
        names.AddRange(Absent(random, image, options.AbsentNames));
        return [.. names.Where(n => !n.IsPart), .. names.Where(n => n.IsPart)];
    }

    /// <summary>"left" for "right" and the other way round: what a mirrored image shows.</summary>
    public static string Mirrored(string name) =>
        string.Join(' ', name.Split(' ').Select(word => word switch { "left" => "right", "right" => "left", _ => word }));

    /// <summary>The regular English plural.</summary>
    public static string Plural(string name)
    {
        if (name.EndsWith('s') || name.EndsWith('x') || name.EndsWith("ch", StringComparison.Ordinal) || name.EndsWith("sh", StringComparison.Ordinal))
            return name + "es";
        if (name.Length > 1 && name[^1] == 'y' && !"aeiou".Contains(name[^2])) return name[..^1] + "ies";
        return name + "s";
    }

    private static List<TrainingName> Present(Random random, IReadOnlyList<Annotation> masks, bool flipped, int most)
    {
        var carriers = new Dictionary<(string Text, bool IsPart, bool IsLong), List<int>>();
        for (int m = 0; m < masks.Count; m++)
        {
            if (masks[m].Role == AnnotationRole.Region || CategoryKey.Of(masks[m]) is not { } category) continue; // has no name
            bool part = masks[m].Role == AnnotationRole.Part;
            string name = flipped ? Mirrored(category.Name) : category.Name;
            Add((name, part, false), m);
            if (part && category.Supercategory is { } whole) Add(($"{name} of a {whole}", true, true), m);
        }
        var keys = carriers.Keys.ToArray();
        random.Shuffle(keys);
        var names = new List<TrainingName>();
        foreach (var key in keys)
        {
            if (key.IsLong && random.NextDouble() >= LongPartShare) continue;
            if (names.Count == most) break;
            bool plural = !key.IsPart && random.NextDouble() < PluralShare;
            names.Add(new(plural ? Plural(key.Text) : key.Text, key.IsPart, carriers[key]));
        }
        return names;

        void Add((string, bool, bool) key, int mask)
        {
            if (!carriers.TryGetValue(key, out var list)) carriers[key] = list = [];
            list.Add(mask);
        }
    }

    private List<TrainingName> Absent(Random random, AnnotatedImage image, int tries)
    {
        var wholes = new HashSet<string>();
        var all = new HashSet<string>();
        foreach (var annotation in image.Annotations)
        {
            if (CategoryKey.Of(annotation) is not { } category) continue;
            all.Add(category.Name);
            all.Add(Mirrored(category.Name));
            string? whole = annotation.Role == AnnotationRole.Part ? category.Supercategory : category.Name;
            if (whole is not null) wholes.Add(whole);
        }
        all.UnionWith(wholes);
        bool incomplete = image.Source is { } source && WholePartDataset.IncompleteSources.Contains(source);
        var names = new List<TrainingName>();
        for (int t = 0; t < tries; t++)
        {
            if (random.NextDouble() < AbsentWholeShare)
            {
                if (_wholes.Length == 0) continue;
                string name = _wholes[WeightedChoice.Draw(random, _wholeWeights)].Name;
                if (all.Contains(name) || (incomplete && random.NextDouble() >= AbsentWholeOfIncompleteShare)) continue;
                all.Add(name);
                names.Add(new(name, false, []));
            }
            else
            {
                if (_parts.Length == 0) continue;
                string name = _parts[WeightedChoice.Draw(random, _partWeights)].Name;
                if (all.Contains(name) || _wholesOfPart[name].Overlaps(wholes)) continue;
                all.Add(name);
                names.Add(new(name, true, []));
            }
        }
        return names;
    }

    /// <summary>Frequent names more often, but less than by their number of images.</summary>
    private static (string, double)[] Weighted(WholePartDataset data, bool part) =>
        [.. data.Images.SelectMany(i => i.Annotations.Where(a => a.Role != AnnotationRole.Region).Select(CategoryKey.Of).OfType<CategoryKey>().Distinct())
            .Where(c => c.IsPart == part)
            .GroupBy(c => c.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.GroupBy(c => c).Sum(c => Math.Sqrt(c.Count()))))];
}
