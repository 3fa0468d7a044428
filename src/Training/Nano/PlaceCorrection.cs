using SemanticSam.Granularity.Nano;

namespace SemanticSam.Training.Nano;

/// <summary>The further click with which a person would correct an answer: on what it misses, or on what it should not hold, whichever is more.</summary>
internal static class PlaceCorrection
{
    private const int Cell = NanoModel.Stride;
    private const byte LeastQuarters = 2; // of a cell that belongs to a mask

    /// <summary>The prompt after the click.</summary>
    /// <param name="sample">What was asked.</param>
    /// <param name="query">The click that was answered.</param>
    /// <param name="mask">The mask that was meant.</param>
    /// <param name="answer">[cells]: logits of the answer.</param>
    /// <param name="frame">[4]: center and size of the answer's frame, cells; the box of an answer that holds nothing.</param>
    /// <param name="random">Random numbers.</param>
    public static PlaceAsked Of(NanoSample sample, int query, int mask, ReadOnlySpan<float> answer, ReadOnlySpan<float> frame, Random random)
    {
        byte[] plane = sample.Masks[mask].Plane;
        int side = (int)Math.Sqrt(plane.Length), left = side, top = side, right = 0, bottom = 0, missing = 0, wrong = 0;
        var kinds = new Kind[plane.Length];
        for (int i = 0, y = 0; y < side; y++)
            for (int x = 0; x < side; x++, i++)
            {
                bool inside = answer[i] > 0, meant = plane[i] >= LeastQuarters;
                if (inside) (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
                if (meant && !inside) missing++;
                if (inside && !meant && sample.Valid[i] > 0) wrong++;
                kinds[i] = meant ? inside ? Kind.Right : Kind.Missing : inside && sample.Valid[i] > 0 ? Kind.Wrong : Kind.None;
            }
        bool add = missing >= wrong;
        Kind sought = missing + wrong == 0 ? Kind.Right : add ? Kind.Missing : Kind.Wrong;
        var points = sample.Clicks[query].Points.ToList();
        if (Draw(kinds, side, sought, random) is >= 0 and int at)
            points.Add(new((at % side + random.NextSingle()) * Cell, (at / side + random.NextSingle()) * Cell, add, true));
        // The box of the answer so far, and of what is clicked now.
        foreach (var point in points.Where(p => p.Inside))
        {
            if (right == 0) break;
            int x = (int)(point.X / Cell), y = (int)(point.Y / Cell);
            (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
        }
        float[] box = right > left ? [(left + right) * Cell / 2f, (top + bottom) * Cell / 2f, (right - left) * Cell, (bottom - top) * Cell]
            : [frame[0] * Cell, frame[1] * Cell, frame[2] * Cell, frame[3] * Cell];
        return new PlaceAsked { Points = points, Masks = [mask], Box = box };
    }

    private enum Kind : byte { None, Right, Missing, Wrong }

    /// <summary>A cell of a kind, drawn; one with neighbors of its kind on all four sides where there are any. -1 where there is none of the kind.</summary>
    private static int Draw(Kind[] kinds, int side, Kind sought, Random random)
    {
        int any = -1, deep = -1, seen = 0, seenDeep = 0;
        for (int i = 0; i < kinds.Length; i++)
        {
            if (kinds[i] != sought) continue;
            if (random.Next(++seen) == 0) any = i; // each cell so far is as likely
            bool isDeep = i >= side && i + side < kinds.Length && i % side > 0 && i % side < side - 1
                && kinds[i - 1] == sought && kinds[i + 1] == sought && kinds[i - side] == sought && kinds[i + side] == sought;
            if (isDeep && random.Next(++seenDeep) == 0) deep = i;
        }
        return deep >= 0 ? deep : any;
    }
}
