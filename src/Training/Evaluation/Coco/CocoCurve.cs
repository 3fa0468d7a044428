namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>Precision at each recall, and the recall reached, of one class in one range of areas (<c>COCOeval.accumulate</c>).</summary>
/// <param name="Positives">Objects to be found.</param>
/// <param name="Precision">By IoU threshold and recall.</param>
/// <param name="Recall">By IoU threshold.</param>
internal sealed record CocoCurve(int Positives, double[][] Precision, double[] Recall)
{
    private static readonly double Spacing = Math.BitIncrement(1.0) - 1; // numpy.spacing(1): keeps 0 / 0 away

    /// <summary>The curve; null where there is nothing to be found.</summary>
    /// <param name="images">The matches of the class, image by image.</param>
    /// <param name="area">Which range of areas.</param>
    /// <param name="most">Detections an image that count.</param>
    public static CocoCurve? Of(IReadOnlyList<CocoMatches> images, int area, int most)
    {
        int positives = images.Sum(i => i.Positives[area]);
        if (positives == 0) return null;
        var sorted = images.SelectMany(i => Enumerable.Range(0, Math.Min(most, i.Scores.Length)).Select(d => (Image: i, Detection: d)))
            .OrderByDescending(p => p.Image.Scores[p.Detection]).ToArray();
        var precision = new double[CocoSettings.Ious.Length][];
        var recall = new double[CocoSettings.Ious.Length];
        for (int t = 0; t < precision.Length; t++) (precision[t], recall[t]) = At(sorted, area, t, positives);
        return new(positives, precision, recall);
    }

    private static (double[] Precision, double Recall) At((CocoMatches Image, int Detection)[] sorted, int area, int threshold, int positives)
    {
        double right = 0, wrong = 0;
        double[] recalls = new double[sorted.Length], precisions = new double[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            var (image, d) = sorted[i];
            if (!image.IsIgnored(area, threshold, d))
            {
                if (image.IsMet(area, threshold, d)) right++;
                else wrong++;
            }
            (recalls[i], precisions[i]) = (right / positives, right / (wrong + right + Spacing));
        }
        for (int i = sorted.Length - 1; i > 0; i--) precisions[i - 1] = Math.Max(precisions[i - 1], precisions[i]);
        var read = new double[CocoSettings.Recalls.Length];
        for (int r = 0, at = 0; r < read.Length; r++)
        {
            while (at < recalls.Length && recalls[at] < CocoSettings.Recalls[r]) at++;
            if (at == recalls.Length) break;
            read[r] = precisions[at];
        }
        return (read, sorted.Length > 0 ? recalls[^1] : 0);
    }
}
