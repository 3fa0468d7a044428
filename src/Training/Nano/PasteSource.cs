using SemanticSam.Formats;

namespace SemanticSam.Training.Nano;

/// <summary>Things that may be pasted into other images, rare ones drawn more often.</summary>
internal sealed class PasteSource
{
    private const int LeastArea = 300;
    private const double MostOfImage = 0.5;

    /// <summary>What cannot be lifted out of its surroundings.</summary>
    private static readonly HashSet<string> Fixed = ["building", "facade", "dining table", "table", "bed", "sink", "oven", "fountain",
        "plate", "person", "bicyclist"];

    private readonly List<(AnnotatedImage Image, Annotation[] Masks)> _things = [];
    private readonly double[] _sums;

    public PasteSource(IReadOnlyList<AnnotatedImage> images, NanoNames names)
    {
        var counts = names.Queries.Where(q => q.Whole is null).ToDictionary(q => q.Name, q => q.Images);
        var weights = new List<double>();
        foreach (var image in images)
            foreach (var whole in image.Annotations.Where(a => Suits(image, a)))
            {
                _things.Add((image, [whole, .. image.Annotations.Where(a => a.Role == AnnotationRole.Part && IsIn(image, a, whole))]));
                weights.Add(1 / Math.Sqrt(Math.Max(counts.GetValueOrDefault(whole.Category!), 4)));
            }
        _sums = Sums(weights);
    }

    /// <summary>Things to choose from.</summary>
    public int Count => _things.Count;

    /// <summary>A thing: its image, its mask, then the masks of its parts.</summary>
    public (AnnotatedImage Image, Annotation[] Masks) Draw(Random random)
    {
        int at = Array.BinarySearch(_sums, random.NextDouble() * _sums[^1]);
        return _things[Math.Min(at < 0 ? ~at : at, _things.Count - 1)];
    }

    /// <summary>Running sums, to draw by weight.</summary>
    public static double[] Sums(IReadOnlyList<double> weights)
    {
        var sums = new double[weights.Count];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++) sums[i] = sum += weights[i];
        return sums;
    }

    private static bool Suits(AnnotatedImage image, Annotation a) => a.Role == AnnotationRole.Whole && a.Kind is null && !a.IsWeak && !a.IsDerived
        && a.Mask.Area >= LeastArea && a.Mask.Area < MostOfImage * image.Width * image.Height && !Fixed.Contains(a.Category!);

    private static bool IsIn(AnnotatedImage image, Annotation part, Annotation whole)
    {
        for (var at = part; at?.Parent is { } parent; at = image.Annotations.FirstOrDefault(a => a.Id == parent))
            if (parent == whole.Id) return true;
        return false;
    }
}
