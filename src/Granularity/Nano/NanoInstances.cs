using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// From the map of a name to single things: clicks spread over the map, of whose answers those are kept that lie in it, fill much of their
/// piece of it and promise to be good. What none of them claims joins the thing it touches, is a thing of its own where it is large, and
/// is dropped else.
/// </summary>
internal static class NanoInstances
{
    private const int MostClicks = 24, LeastLeft = 12;
    private const double LeastInMap = 0.45, FillPower = 0.25, MostOverlap = 0.4, MostTaken = 0.6, LargeShare = 0.15, Spacing = 2.5;
    private const float Least = 0.05f, Far = 8;

    /// <summary>Things of a name.</summary>
    /// <param name="image">The encoded image.</param>
    /// <param name="name">[Height, Width]: logits of the name at the cells.</param>
    /// <param name="threshold">From this logit on a cell belongs to the name.</param>
    /// <returns>The surest first.</returns>
    public static IReadOnlyList<NanoThing> Find(NanoInference image, Tensor name, float threshold)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        int height = (int)image.Height, width = (int)image.Width;
        float[] logits = [.. name.cpu().contiguous().data<float>()];
        int[] piece = Pieces(logits, threshold, height, width, out int[] sizes);
        if (sizes.Length == 0) return [];
        var clicks = Spread(logits, piece, width);
        var (coarse, quality, drawing) = image.Look(NanoInference.Clicks([.. clicks.Select(c => c % width + 0.5f)], [.. clicks.Select(c => c / width + 0.5f)]));
        var chosen = Choose(logits, piece, sizes, clicks, coarse, quality, width);
        if (chosen.Count == 0) return Whole(image, name, threshold);
        Tensor drawn = image.Draw(drawing, tensor(chosen.Select(c => (long)c.Query).ToArray()), tensor(chosen.Select(c => (long)c.Slot).ToArray())).cpu();
        float[] masks = [.. drawn.contiguous().data<float>()];
        int[] owner = Own(logits, threshold, chosen.Count, masks);
        int things = Divide(piece, owner, chosen.Count, height, width);
        return Scored(image, [.. Enumerable.Range(0, things).Where(m => owner.Contains(m)).Select(m => Cut(m, logits, owner, masks, chosen.Count, threshold))], logits);
    }

    /// <summary>All of a name as one thing: for what has no instances.</summary>
    /// <inheritdoc cref="Find" path="/param"/>
    public static IReadOnlyList<NanoThing> Whole(NanoInference image, Tensor name, float threshold)
    {
        float[] logits = [.. name.cpu().contiguous().data<float>()];
        float[] cut = Array.ConvertAll(logits, v => v - threshold);
        return Array.Exists(cut, v => v > 0) ? Scored(image, [cut], logits) : [];
    }

    /// <summary>
    /// The scores of masks, all by one measure: the network is shown each mask and says how good its answer to it will be.
    /// </summary>
    private static List<NanoThing> Scored(NanoInference image, List<float[]> masks, float[] name)
    {
        var (_, quality, _) = image.Look([.. masks.Select(m => new NanoPlace { Previous = m })]);
        float[] scores = [.. quality.cpu().contiguous().data<float>()];
        return [.. masks.Select((m, i) => new NanoThing(m, Sureness(m), scores[i])).OrderByDescending(t => t.Sureness * t.Quality)];

        float Sureness(float[] mask) => (float)Enumerable.Range(0, mask.Length).Where(i => mask[i] > 0).Average(i => Sigmoid(name[i]));
    }

    /// <summary>
    /// The logits of a thing: those of the name where it alone claims a cell; where things meet, how much surer its mask is than the others'.
    /// </summary>
    private static float[] Cut(int thing, float[] name, int[] owner, float[] masks, int count, float threshold)
    {
        var cut = new float[name.Length];
        for (int i = 0; i < cut.Length; i++)
        {
            float own = name[i] - threshold;
            if (owner[i] != thing)
            {
                float best = float.MinValue;
                for (int m = 0; m < count; m++) best = Math.Max(best, masks[m * cut.Length + i]);
                float behind = thing < count ? masks[thing * cut.Length + i] - best : -Far;
                cut[i] = owner[i] >= 0 ? Math.Min(own, Math.Clamp(behind, -Far, -Least)) : Math.Min(own, -Least);
                continue;
            }
            float other = float.MinValue;
            for (int m = 0; m < count; m++)
                if (m != thing) other = Math.Max(other, masks[m * cut.Length + i]);
            float ahead = thing < count && count > 1 ? Math.Max(masks[thing * cut.Length + i] - other, Least) : Far;
            cut[i] = Math.Max(Least, Math.Min(own, ahead));
        }
        return cut;
    }

    /// <summary>Connected pieces of the map: for each cell its piece, -1 outside.</summary>
    private static int[] Pieces(float[] logits, float threshold, int height, int width, out int[] sizes) => Connected(i => logits[i] > threshold, height, width, out sizes);

    /// <summary>Cells to click: each as far as can be from those before it, sure cells first.</summary>
    private static List<int> Spread(float[] logits, int[] piece, int width)
    {
        int[] cells = [.. Enumerable.Range(0, piece.Length).Where(i => piece[i] >= 0)];
        double[] far = [.. cells.Select(_ => double.MaxValue)];
        var chosen = new List<int>();
        int next = Array.IndexOf(cells, cells.MaxBy(c => logits[c]));
        while (chosen.Count < MostClicks)
        {
            chosen.Add(cells[next]);
            int x = cells[next] % width, y = cells[next] / width, best = -1;
            double most = Spacing;
            for (int i = 0; i < cells.Length; i++)
            {
                int dx = cells[i] % width - x, dy = cells[i] / width - y;
                far[i] = Math.Min(far[i], Math.Sqrt(dx * dx + dy * dy));
                double worth = far[i] * Sigmoid(logits[cells[i]]);
                if (worth > most) (most, best) = (worth, i);
            }
            if (best < 0) break;
            next = best;
        }
        return chosen;
    }

    private static List<(int Query, int Slot, float Score)> Choose(float[] logits, int[] piece, int[] sizes, List<int> clicks, Tensor coarse, Tensor quality, int width)
    {
        int queries = (int)coarse.shape[0], slots = (int)coarse.shape[1], rows = (int)coarse.shape[2], columns = (int)coarse.shape[3], cells = rows * columns;
        float[] masks = [.. coarse.cpu().contiguous().data<float>()], scores = [.. quality.cpu().contiguous().data<float>()];
        var candidates = new List<(int Query, int Slot, float Score, bool[] Cells, int Area)>();
        for (int q = 0; q < queries; q++)
            for (int s = 0; s < slots; s++)
            {
                var inside = new bool[cells];
                double sum = 0;
                int area = 0, own = 0;
                for (int i = 0; i < cells; i++)
                {
                    if (masks[(q * slots + s) * cells + i] <= 0) continue;
                    int fine = 2 * (i / columns) * width + 2 * (i % columns);
                    inside[i] = true;
                    area++;
                    sum += Sigmoid(logits[fine]);
                    if (piece[fine] == piece[clicks[q]]) own++;
                }
                if (area == 0 || sum / area < LeastInMap) continue;
                double fill = Math.Min(1, 4.0 * own / sizes[piece[clicks[q]]]);
                candidates.Add((q, s, (float)(scores[q * slots + s] * (sum / area) * Math.Pow(fill, FillPower)), inside, area));
            }
        var kept = new List<(int Query, int Slot, float Score, bool[] Cells, int Area)>();
        var taken = new bool[cells];
        foreach (var candidate in candidates.OrderByDescending(c => c.Score))
        {
            int already = Both(candidate.Cells, taken);
            if (already > MostTaken * candidate.Area || kept.Any(k => Overlap(k, candidate) > MostOverlap)) continue;
            kept.Add(candidate);
            for (int i = 0; i < cells; i++) taken[i] |= candidate.Cells[i];
        }
        return [.. kept.Select(k => (k.Query, k.Slot, k.Score))];

        static double Overlap((int, int, float, bool[] Cells, int Area) a, (int, int, float, bool[] Cells, int Area) b)
        {
            int both = Both(a.Cells, b.Cells);
            return (double)both / (a.Area + b.Area - both);
        }

        static int Both(bool[] a, bool[] b)
        {
            int both = 0;
            for (int i = 0; i < a.Length; i++)
                if (a[i] && b[i]) both++;
            return both;
        }
    }

    /// <summary>For each cell of the map the thing whose mask is surest there, -1 for none.</summary>
    private static int[] Own(float[] logits, float threshold, int count, float[] masks)
    {
        var owner = new int[logits.Length];
        Array.Fill(owner, -1);
        var best = new float[logits.Length];
        for (int m = 0; m < count; m++)
        {
            var mask = masks.AsSpan(m * logits.Length, logits.Length);
            for (int i = 0; i < mask.Length; i++)
                if (mask[i] > best[i] && logits[i] > threshold - 1) (best[i], owner[i]) = (mask[i], m);
        }
        return owner;
    }

    /// <summary>Gives what no mask claims to the thing it touches most, or makes a thing of it where it is large; the rest is dropped.</summary>
    /// <returns>How many things there are now.</returns>
    private static int Divide(int[] piece, int[] owner, int things, int height, int width)
    {
        int[] left = Connected(i => piece[i] >= 0 && owner[i] < 0, height, width, out int[] sizes);
        int largest = Enumerable.Range(0, things).Max(m => owner.Count(o => o == m));
        for (int p = 0; p < sizes.Length; p++)
        {
            int[] cells = [.. Enumerable.Range(0, left.Length).Where(i => left[i] == p)];
            int? touched = cells.SelectMany(i => Neighbors(i, height, width)).Select(i => owner[i]).Where(o => o >= 0).GroupBy(o => o).OrderByDescending(g => g.Count()).Select(g => (int?)g.Key).FirstOrDefault();
            if (sizes[p] >= Math.Max(LeastLeft, LargeShare * largest))
            {
                foreach (int i in cells) owner[i] = things;
                things++;
            }
            else if (touched is { } thing)
                foreach (int i in cells) owner[i] = thing;
        }
        return things;
    }

    private static int[] Connected(Func<int, bool> inside, int height, int width, out int[] sizes)
    {
        var piece = new int[height * width];
        Array.Fill(piece, -1);
        var counts = new List<int>();
        var open = new Stack<int>();
        for (int start = 0; start < piece.Length; start++)
        {
            if (piece[start] >= 0 || !inside(start)) continue;
            int size = 0;
            piece[start] = counts.Count;
            open.Push(start);
            while (open.TryPop(out int at))
            {
                size++;
                foreach (int next in Neighbors(at, height, width))
                    if (piece[next] < 0 && inside(next))
                    {
                        piece[next] = counts.Count;
                        open.Push(next);
                    }
            }
            counts.Add(size);
        }
        sizes = [.. counts];
        return piece;
    }

    private static IEnumerable<int> Neighbors(int at, int height, int width)
    {
        if (at % width > 0) yield return at - 1;
        if (at % width < width - 1) yield return at + 1;
        if (at >= width) yield return at - width;
        if (at + width < height * width) yield return at + width;
    }

    private static double Sigmoid(float x) => 1 / (1 + Math.Exp(-x));
}
