using System.Runtime.Intrinsics;

namespace SemanticSam.Masks;

/// <summary>
/// Greedy non-maximum suppression of boxes as torchvision's CPU kernel does it: visited by descending score, ties in input order,
/// NaN scores first; a box goes when its float32 IoU with a kept one is greater than the threshold. Two boxes of zero area have the
/// IoU NaN and never suppress one another.
/// </summary>
internal static class Nms
{
    /// <summary>Indices of the kept boxes, best score first.</summary>
    /// <param name="boxes">XYXY.</param>
    /// <param name="scores">One a box.</param>
    /// <param name="iouThreshold">Compared as a double with the float32 IoU: an IoU of exactly 0.7f does not suppress at 0.7.</param>
    /// <exception cref="ArgumentException">As many scores as boxes are needed.</exception>
    public static int[] Keep(ReadOnlySpan<BoxF> boxes, ReadOnlySpan<float> scores, double iouThreshold)
    {
        if (boxes.Length != scores.Length) throw new ArgumentException($"{boxes.Length} boxes with {scores.Length} scores.", nameof(scores));
        int[] order = SortDescending(scores);
        int n = order.Length;
        var planes = new float[5 * n]; // x1, y1, x2, y2 and area, in visiting order
        Span<float> x1 = planes.AsSpan(0, n), y1 = planes.AsSpan(n, n), x2 = planes.AsSpan(2 * n, n), y2 = planes.AsSpan(3 * n, n), area = planes.AsSpan(4 * n);
        for (int k = 0; k < n; k++)
        {
            var box = boxes[order[k]];
            (x1[k], y1[k], x2[k], y2[k], area[k]) = (box.X1, box.Y1, box.X2, box.Y2, box.Area);
        }
        float cut = LargestFloatUpTo(iouThreshold);
        var suppressed = new int[n];
        var kept = new List<int>(n);
        for (int k = 0; k < n; k++)
        {
            if (suppressed[k] != 0) continue;
            kept.Add(order[k]);
            int j = k + 1;
            Vector256<float> kx1 = Vector256.Create(x1[k]), ky1 = Vector256.Create(y1[k]), kx2 = Vector256.Create(x2[k]), ky2 = Vector256.Create(y2[k]);
            for (; j <= n - Vector256<float>.Count; j += Vector256<float>.Count)
            {
                var w = Vector256.Max(Vector256<float>.Zero, Vector256.Min(kx2, Vector256.Create<float>(x2[j..]))
                    - Vector256.Max(kx1, Vector256.Create<float>(x1[j..])));
                var h = Vector256.Max(Vector256<float>.Zero, Vector256.Min(ky2, Vector256.Create<float>(y2[j..]))
                    - Vector256.Max(ky1, Vector256.Create<float>(y1[j..])));
                var inter = w * h;
                var iou = inter / (Vector256.Create(area[k]) + Vector256.Create<float>(area[j..]) - inter);
                (Vector256.GreaterThan(iou, Vector256.Create(cut)).AsInt32() | Vector256.Create<int>(suppressed.AsSpan(j))).CopyTo(suppressed, j);
            }
            for (; j < n; j++)
                if (BoxF.IoU(boxes[order[k]], boxes[order[j]]) > cut) suppressed[j] = 1;
        }
        return [.. kept];
    }

    /// <summary>
    /// Suppression within each class only (torchvision's <c>batched_nms</c>): up to 1,000 boxes, classes are moved apart by
    /// class x (largest coordinate + 1) in float32, as there; beyond, each class is treated on its own.
    /// </summary>
    /// <inheritdoc cref="Keep" path="/param"/>
    /// <param name="boxes">XYXY.</param>
    /// <param name="scores">One a box.</param>
    /// <param name="classes">One a box.</param>
    /// <param name="iouThreshold">As for <see cref="Keep"/>.</param>
    /// <exception cref="ArgumentException">As many scores and classes as boxes are needed.</exception>
    public static int[] KeepByClass(ReadOnlySpan<BoxF> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> classes, double iouThreshold)
    {
        if (boxes.Length != classes.Length) throw new ArgumentException($"{boxes.Length} boxes with {classes.Length} classes.", nameof(classes));
        return boxes.Length <= 1000 ? KeepMovedApart(boxes, scores, classes, iouThreshold) : KeepEachClass(boxes, scores, classes, iouThreshold);
    }

    private static int[] KeepMovedApart(ReadOnlySpan<BoxF> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> classes, double iouThreshold)
    {
        float largest = float.NegativeInfinity;
        foreach (var b in boxes) largest = MathF.Max(MathF.Max(largest, MathF.Max(b.X1, b.Y1)), MathF.Max(b.X2, b.Y2));
        var moved = new BoxF[boxes.Length];
        for (int i = 0; i < moved.Length; i++)
        {
            float by = classes[i] * (largest + 1);
            moved[i] = new(boxes[i].X1 + by, boxes[i].Y1 + by, boxes[i].X2 + by, boxes[i].Y2 + by);
        }
        return Keep(moved, scores, iouThreshold);
    }

    private static int[] KeepEachClass(ReadOnlySpan<BoxF> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> classes, double iouThreshold)
    {
        var kept = new List<int>();
        var members = new Dictionary<int, List<int>>();
        for (int i = 0; i < classes.Length; i++)
        {
            if (!members.TryGetValue(classes[i], out var list)) members[classes[i]] = list = [];
            list.Add(i);
        }
        foreach (var list in members.Values)
        {
            var ofClass = new BoxF[list.Count];
            var scoreOfClass = new float[list.Count];
            for (int i = 0; i < ofClass.Length; i++) (ofClass[i], scoreOfClass[i]) = (boxes[list[i]], scores[list[i]]);
            foreach (int k in Keep(ofClass, scoreOfClass, iouThreshold)) kept.Add(list[k]);
        }
        kept.Sort(); // so that ties come out in input order
        var keptScores = new float[kept.Count];
        for (int i = 0; i < keptScores.Length; i++) keptScores[i] = scores[kept[i]];
        return Array.ConvertAll(SortDescending(keptScores), k => kept[k]);
    }

    /// <summary>
    /// Suppression by the masks themselves: visited by descending score, ties in input order; a mask goes when its IoU with a kept
    /// one is greater than the threshold. Masks whose boxes do not meet are not compared.
    /// </summary>
    /// <exception cref="ArgumentException">As many scores as masks are needed, all masks of one size.</exception>
    public static int[] KeepMasks(IReadOnlyList<Rle> masks, ReadOnlySpan<float> scores, double iouThreshold)
    {
        ArgumentNullException.ThrowIfNull(masks);
        if (masks.Count != scores.Length) throw new ArgumentException($"{masks.Count} masks with {scores.Length} scores.", nameof(scores));
        return KeepBy(scores, (kept, other) => Overlap(masks[kept], masks[other], iouThreshold));
    }

    /// <summary>Suppression by any rule: visited by descending score, ties in input order; what a kept one suppresses goes.</summary>
    /// <param name="scores">One an item.</param>
    /// <param name="suppresses">Whether a kept item, by its index, suppresses another one that comes after it.</param>
    /// <returns>Indices of the kept items, best score first.</returns>
    public static int[] KeepBy(ReadOnlySpan<float> scores, Func<int, int, bool> suppresses)
    {
        var kept = new List<int>();
        foreach (int i in SortDescending(scores))
            if (!kept.Exists(k => suppresses(k, i))) kept.Add(i);
        return [.. kept];
    }

    /// <summary>Whether the IoU of two boxes exceeds a threshold, as <see cref="Keep"/> decides it.</summary>
    internal static bool Overlap(BoxF kept, BoxF other, double iouThreshold) => BoxF.IoU(kept, other) > LargestFloatUpTo(iouThreshold);

    /// <summary>Whether the IoU of two masks exceeds a threshold, as <see cref="KeepMasks"/> decides it.</summary>
    internal static bool Overlap(Rle kept, Rle other, double iouThreshold) => CanExceed(other, kept, iouThreshold) && other.IoU(kept) > iouThreshold;

    /// <summary>Whether two masks share more than a part of the smaller one.</summary>
    internal static bool Within(Rle kept, Rle other, double share)
    {
        var shared = kept.Bounds.Intersect(other.Bounds);
        double needed = share * Math.Min(kept.Area, other.Area);
        return (long)shared.Width * shared.Height > needed && kept.IntersectionArea(other) > needed;
    }

    /// <summary>Indices by descending score; NaN first, as torch sorts; ties in input order.</summary>
    internal static int[] SortDescending(ReadOnlySpan<float> scores)
    {
        float[] keys = scores.ToArray();
        var order = new int[keys.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (a, b) =>
        {
            bool nanA = float.IsNaN(keys[a]), nanB = float.IsNaN(keys[b]);
            int byScore = nanA || nanB ? nanB.CompareTo(nanA) : keys[b].CompareTo(keys[a]);
            return byScore != 0 ? byScore : a.CompareTo(b);
        });
        return order;
    }

    // The IoU cannot be more than the pixels that the boxes share, nor than the smaller area, over the larger area.
    private static bool CanExceed(Rle a, Rle b, double threshold)
    {
        var shared = a.Bounds.Intersect(b.Bounds);
        double needed = threshold * Math.Max(a.Area, b.Area);
        return Math.Min(a.Area, b.Area) > needed && (long)shared.Width * shared.Height > needed;
    }

    /// <summary>For a float f, f > value exactly when f > the largest float that is at most value.</summary>
    private static float LargestFloatUpTo(double value)
    {
        float rounded = (float)value;
        return rounded > value ? MathF.BitDecrement(rounded) : rounded;
    }
}
