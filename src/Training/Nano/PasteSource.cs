using SemanticSam.Masks;
using SemanticSam.Training.Data;
using SemanticSam.Training.Samples;

namespace SemanticSam.Training.Nano;

/// <summary>Things that may be pasted into other pictures, rare ones drawn more often.</summary>
internal sealed class PasteSource
{
    private const int LeastArea = 300;
    private const double MostOfPicture = 0.5;

    /// <summary>What cannot be lifted out of its surroundings.</summary>
    private static readonly HashSet<string> Fixed = ["building", "facade", "dining table", "table", "bed", "sink", "oven", "fountain", "plate", "person", "bicyclist"];

    private readonly List<(DataImage Image, DataAnnotation[] Masks)> _things = [];
    private readonly double[] _sums;

    public PasteSource(WholePartDataset data, NanoNames names)
    {
        var counts = names.Queries.Where(q => q.Whole is null).ToDictionary(q => q.Name, q => q.Images);
        var weights = new List<double>();
        foreach (var image in data.Images)
            foreach (var whole in image.Annotations.Where(a => Suits(image, a)))
            {
                _things.Add((image, [whole, .. image.Annotations.Where(a => a.Level == AnnotationLevel.Part && IsIn(a, whole))]));
                weights.Add(1 / Math.Sqrt(Math.Max(counts.GetValueOrDefault(whole.Category.Name), 4)));
            }
        _sums = Sums(weights);
    }

    /// <summary>Things to choose from.</summary>
    public int Count => _things.Count;

    /// <summary>A thing: its picture, its mask, then the masks of its parts.</summary>
    public (DataImage Image, DataAnnotation[] Masks) Draw(Random random)
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

    private static bool Suits(DataImage image, DataAnnotation a) => a.Level == AnnotationLevel.Whole && a.Kind == AnnotationKind.Single && !a.IsWeak && !a.IsDerived
        && a.Area >= LeastArea && a.Area < MostOfPicture * image.Width * image.Height && !Fixed.Contains(a.Category.Name);

    private static bool IsIn(DataAnnotation part, DataAnnotation whole)
    {
        for (var parent = part.Parent; parent is not null; parent = parent.Parent)
            if (ReferenceEquals(parent, whole)) return true;
        return false;
    }
}
