using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>One click or one box: pixels of the original image.</summary>
/// <param name="X">Column of its center.</param>
/// <param name="Y">Row of its center.</param>
/// <param name="Box">Extent; a click has none.</param>
internal readonly record struct PlaceQuery(float X, float Y, BoxF? Box);

/// <summary>
/// For decoders that know one click or one box at a time, as Semantic-SAM's. Here a mixed prompt becomes several such queries, and their masks
/// are weighed by how well they agree with all that was said: positive points inside, negative ones outside, box and seed matched.
/// </summary>
internal static class PlaceQueries
{
    /// <summary>Queries whose masks are candidates: every positive point, the box, the seed's innermost point and its extent.</summary>
    public static List<PlaceQuery> Of(Prompt prompt)
    {
        var queries = new List<PlaceQuery>();
        foreach (var point in prompt.Points)
            if (point.Positive)
                queries.Add(new(point.X, point.Y, null));
        if (prompt.Box is { } box)
            queries.Add(new((box.X1 + box.X2) / 2, (box.Y1 + box.Y2) / 2, box));
        if (prompt.Mask is { } seed)
        {
            var (x, y) = Innermost(seed);
            queries.Add(new(x + 0.5f, y + 0.5f, null));
            queries.Add(new(x, y, new BoxF(seed.Bounds.Left, seed.Bounds.Top, seed.Bounds.Right, seed.Bounds.Bottom)));
        }
        return queries;
    }

    /// <summary>Whether a prompt is one query and nothing else, so that the query's masks are the answer.</summary>
    public static bool IsPlain(Prompt prompt) =>
        prompt.Mask is null && prompt.Points.Count + (prompt.Box is null ? 0 : 1) == 1 && prompt.Points.All(p => p.Positive);

    /// <summary>How well a mask agrees with the prompt: the product of its agreements with each thing said, 0 to 1.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="prompt">What was said.</param>
    /// <param name="order">Its points in the order of a mask's runs, so that thousands of them are looked up in one pass.</param>
    public static double Agreement(Rle mask, Prompt prompt, PointOrder order)
    {
        if (mask.IsEmpty) return 0;
        // Not zero: where no mask satisfies every point, the one that satisfies most is still the best answer.
        double agreement = Math.Pow(0.1, order.Contradictions(mask));
        if (prompt.Box is { } box)
        {
            var bounds = mask.Bounds;
            agreement *= BoxF.IoU(new BoxF(bounds.Left, bounds.Top, bounds.Right, bounds.Bottom), box);
        }
        if (prompt.Mask is { } seed)
            agreement *= mask.IoU(seed);
        return agreement;
    }

    /// <summary>Takes away, where a negative point is covered, the largest of its masks that holds no positive point.</summary>
    public static Rle CutOut(Rle mask, IReadOnlyList<PointPrompt> positives, PointPrompt negative, IReadOnlyList<Candidate> unwanted)
    {
        if (!Covers(mask, negative)) return mask;
        foreach (var candidate in unwanted.OrderByDescending(c => c.Mask.Area))
        {
            if (!Covers(candidate.Mask, negative) || positives.Any(p => Covers(candidate.Mask, p))) continue;
            var rest = mask.Subtract(candidate.Mask);
            if (!rest.IsEmpty) return rest;
        }
        return mask;
    }

    /// <summary>A pixel of the mask far from its border: the middle of a tall run near the middle column of the extent (cheap, and always inside).</summary>
    internal static (int X, int Y) Innermost(Rle mask)
    {
        double best = double.NegativeInfinity, middle = (mask.Bounds.Left + mask.Bounds.Right - 1) / 2.0;
        int x = 0, y = 0;
        foreach (var (column, top, bottom) in mask.Segments)
        {
            double score = (bottom - top) * 2 - Math.Abs(column - middle);
            if (score > best) (best, x, y) = (score, column, (top + bottom - 1) / 2);
        }
        return (x, y);
    }

    private static bool Covers(Rle mask, PointPrompt point) =>
        mask.Contains(Math.Clamp((int)point.X, 0, mask.Width - 1), Math.Clamp((int)point.Y, 0, mask.Height - 1));
}
