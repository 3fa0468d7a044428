using System.Diagnostics.CodeAnalysis;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>
/// Which detections of one class meet which objects of it in one image, at every IoU threshold and for every range of areas
/// (<c>COCOeval.evaluateImg</c>): the surest first, each takes the object it overlaps most among those that nobody has yet.
/// </summary>
internal sealed class CocoMatches
{
    // Two thresholds' worth of bits would do; a bit a threshold keeps a set of many images small.
    private readonly ushort[][] _met, _ignored; // [area][detection]

    private CocoMatches(double[] scores, int areas)
    {
        Scores = scores;
        Positives = new int[areas];
        _met = new ushort[areas][];
        _ignored = new ushort[areas][];
    }

    /// <summary>Of the detections that count, the surest first.</summary>
    public double[] Scores { get; }

    /// <summary>Objects to be found, by range of areas.</summary>
    public int[] Positives { get; }

    /// <summary>Whether a detection meets an object.</summary>
    public bool IsMet(int area, int threshold, int detection) => (_met[area][detection] >> threshold & 1) != 0;

    /// <summary>Whether a detection counts neither as right nor as wrong.</summary>
    public bool IsIgnored(int area, int threshold, int detection) => (_ignored[area][detection] >> threshold & 1) != 0;

    /// <summary>Matches the detections and objects of one class in one image.</summary>
    /// <exception cref="ArgumentException">Masks are to be compared, and one has none.</exception>
    public static CocoMatches Find(IReadOnlyList<CocoTruth> truths, IReadOnlyList<CocoDetection> detections, CocoMeasure measure)
    {
        CocoDetection[] found = [.. detections.OrderByDescending(d => d.Score).Take(CocoSettings.MostDetections[^1])];
        var ious = new double[found.Length, truths.Count];
        for (int d = 0; d < found.Length; d++)
            for (int g = 0; g < truths.Count; g++) ious[d, g] = IoU(found[d], truths[g], measure);
        var matches = new CocoMatches(Array.ConvertAll(found, d => d.Score), CocoSettings.Areas.Length);
        for (int a = 0; a < CocoSettings.Areas.Length; a++) matches.Match(a, truths, found, ious, measure);
        return matches;
    }

    private void Match(int area, IReadOnlyList<CocoTruth> truths, CocoDetection[] found, double[,] ious, CocoMeasure measure)
    {
        var (least, most) = CocoSettings.Areas[area];
        bool[] leftOut = [.. truths.Select(t => t.IsCrowd || t.Area < least || t.Area > most)];
        int[] order = [.. Enumerable.Range(0, truths.Count).OrderBy(g => leftOut[g])]; // what counts first
        Positives[area] = leftOut.Count(l => !l);
        var (met, ignored) = (_met[area], _ignored[area]) = (new ushort[found.Length], new ushort[found.Length]);
        for (int t = 0; t < CocoSettings.Ious.Length; t++)
        {
            var taken = new bool[truths.Count];
            for (int d = 0; d < found.Length; d++)
            {
                double best = Math.Min(CocoSettings.Ious[t], 1 - 1e-10);
                int match = -1;
                foreach (int g in order)
                {
                    if (taken[g] && !truths[g].IsCrowd) continue;
                    if (match >= 0 && !leftOut[match] && leftOut[g]) break; // an object that counts is better than one that does not
                    if (ious[d, g] < best) continue;
                    (best, match) = (ious[d, g], g);
                }
                double size = measure == CocoMeasure.Masks ? found[d].Mask!.Area : found[d].Box.Area;
                bool ignore = match >= 0 ? leftOut[match] : size < least || size > most;
                if (match >= 0)
                {
                    taken[match] = true;
                    met[d] |= (ushort)(1 << t);
                }
                if (ignore) ignored[d] |= (ushort)(1 << t);
            }
        }
    }

    private static double IoU(CocoDetection found, CocoTruth truth, CocoMeasure measure) => measure == CocoMeasure.Boxes
        ? found.Box.IoU(truth.Box, truth.IsCrowd)
        : (found.Mask ?? NoMask()).IoU(truth.Mask ?? NoMask(), truth.IsCrowd);

    [DoesNotReturn]
    private static Masks.Rle NoMask() => throw new ArgumentException("Masks are compared, and an object or detection has none.");
}
