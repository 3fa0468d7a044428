namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>The thresholds of COCO's evaluation, as <c>pycocotools.cocoeval.Params</c> has them.</summary>
internal static class CocoSettings
{
    /// <summary>Detections an image and class that count, most to least strict; the last is the usual one.</summary>
    public static readonly int[] MostDetections = [1, 10, 100];

    /// <summary>IoU from which a detection meets an object: 0.5 to 0.95.</summary>
    public static readonly double[] Ious = Evenly(0.5, 0.95, 10);

    /// <summary>Recalls at which precision is read: 0 to 1.</summary>
    public static readonly double[] Recalls = Evenly(0, 1, 101);

    /// <summary>All, small, medium and large areas, both ends inclusive.</summary>
    public static readonly (double Least, double Most)[] Areas = [(0, 1e10), (0, 32 * 32), (32 * 32, 96 * 96), (96 * 96, 1e10)];

    /// <summary>Numbers at even distances, rounded as <c>numpy.linspace</c> rounds them.</summary>
    private static double[] Evenly(double first, double last, int count)
    {
        double step = (last - first) / (count - 1);
        double[] values = [.. Enumerable.Range(0, count).Select(i => i * step + first)];
        values[^1] = last;
        return values;
    }
}
