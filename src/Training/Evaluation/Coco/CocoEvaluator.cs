namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>
/// Average precision and recall as COCO defines them; the figures are those of <c>pycocotools</c> to the last digit. Images are added one
/// by one, so that no more than one image's masks are in memory.
/// </summary>
/// <param name="measure">Whether boxes or masks are compared.</param>
/// <param name="classes">How many classes there are, or more as they turn up.</param>
internal sealed class CocoEvaluator(CocoMeasure measure, int classes = 0)
{
    private readonly List<List<CocoMatches>> _images = [.. Enumerable.Range(0, classes).Select(_ => new List<CocoMatches>())];

    /// <summary>Whether boxes or masks are compared.</summary>
    public CocoMeasure Measure => measure;

    /// <summary>Adds an image. Equal scores keep the order in which images and detections are added.</summary>
    /// <param name="truths">What is there.</param>
    /// <param name="detections">What was found.</param>
    /// <exception cref="ArgumentException">Masks are to be compared, and one has none or one of another size.</exception>
    public void Add(IReadOnlyList<CocoTruth> truths, IReadOnlyList<CocoDetection> detections)
    {
        ArgumentNullException.ThrowIfNull(truths);
        ArgumentNullException.ThrowIfNull(detections);
        var there = truths.ToLookup(t => t.Class);
        var found = detections.ToLookup(d => d.Class);
        foreach (int @class in there.Select(g => g.Key).Union(found.Select(g => g.Key)).Order())
        {
            while (_images.Count <= @class) _images.Add([]);
            _images[@class].Add(CocoMatches.Find([.. there[@class]], [.. found[@class]], measure));
        }
    }

    /// <summary>The figures over some classes.</summary>
    /// <param name="among">Indices of the classes to take; null for all.</param>
    public CocoSummary Summarize(IReadOnlyCollection<int>? among = null)
    {
        int last = CocoSettings.MostDetections.Length - 1;
        int[] taken = [.. among ?? Enumerable.Range(0, _images.Count)];
        var curves = taken.Select(c => Enumerable.Range(0, CocoSettings.Areas.Length).Select(a =>
            Enumerable.Range(0, last + 1).Select(m => CocoCurve.Of(c < _images.Count ? _images[c] : [], a, CocoSettings.MostDetections[m])).ToArray())
                .ToArray()).ToArray();
        return new()
        {
            Measure = measure,
            Ap = Precision(0), Ap50 = Precision(0, 0), Ap75 = Precision(0, 5),
            ApSmall = Precision(1), ApMedium = Precision(2), ApLarge = Precision(3),
            Ar1 = Recall(0, 0), Ar10 = Recall(0, 1), Ar100 = Recall(0, last),
            ArSmall = Recall(1, last), ArMedium = Recall(2, last), ArLarge = Recall(3, last),
            Classes = [.. taken.Select((c, i) => new CocoClassSummary(c, Mean(Precisions(0, null, [curves[i]])), Mean(Precisions(0, 0, [curves[i]])),
                curves[i][0][last]?.Positives ?? 0))],
        };

        double? Precision(int area, int? threshold = null) => Mean(Precisions(area, threshold, curves));

        // In the order of pycocotools' array: threshold, recall, class.
        IEnumerable<double> Precisions(int area, int? threshold, CocoCurve?[][][] of)
        {
            foreach (int t in threshold is { } one ? [one] : Enumerable.Range(0, CocoSettings.Ious.Length))
                for (int r = 0; r < CocoSettings.Recalls.Length; r++)
                    foreach (var curve in of)
                        if (curve[area][last] is { } c) yield return c.Precision[t][r];
        }

        double? Recall(int area, int most) => Mean(Enumerable.Range(0, CocoSettings.Ious.Length)
            .SelectMany(t => curves.Select(c => c[area][most]).OfType<CocoCurve>().Select(c => c.Recall[t])));
    }

    private static double? Mean(IEnumerable<double> values) => values.ToArray() is { Length: > 0 } all ? PairwiseSum.Of(all) / all.Length : null;
}
