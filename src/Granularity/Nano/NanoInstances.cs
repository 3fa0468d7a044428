using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// From the map of a name to single things: clicks spread over the map, of whose answers those are kept that lie in it, fill much of their
/// piece of it and promise to be good. What none of them claims joins the thing it touches, is a thing of its own where it is large, and
/// is dropped else.
/// </summary>
internal static class NanoInstances
{
    // Tuned on 82 names of 60 photos of the validation set by the AP of their instances, with weights after 1,180 steps of training: 0.156 with the
    // values of the first version, 0.192 with the nearest setting that was measured. The worth that an answer needs beside the best one mattered most.
    private const int MostClicks = 16, LeastCells = 6;
    private const double LeastMass = 0.03, LeastInMap = 0.5, LeastWorth = 0.5, MostOverlap = 0.4, MostTaken = 0.5, LargeShare = 0.15;
    private const double FullAt = 1.2, FillPower = 0.5; // an answer that fills its piece of the map, or nearly, is worth all of its score
    private const double Spacing = 3, ClicksAcross = 5;
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
        var pieces = Pieces(logits, threshold, height, width);
        if (pieces.Count == 0) return [];
        int[] clicks = Spread(logits, pieces, width);
        var (coarse, quality, drawing) = image.Look(NanoInference.Clicks(Array.ConvertAll(clicks, c => c % width + 0.5f), Array.ConvertAll(clicks, c => c / width + 0.5f)));
        var chosen = Choose(logits, pieces, clicks, coarse, quality, width);
        float[] masks = [];
        if (chosen.Count > 0)
        {
            Tensor queries = tensor(chosen.Select(c => (long)c.Query).ToArray()), slots = tensor(chosen.Select(c => (long)c.Slot).ToArray());
            masks = [.. image.Draw(drawing, queries.to(coarse.device), slots.to(coarse.device)).cpu().contiguous().data<float>()];
        }
        int[] owner = Own(logits, threshold, chosen.Count, masks);
        int things = Divide(pieces, owner, chosen.Count, height, width);
        return Scored(image, Cut(things, logits, owner, masks, chosen.Count, threshold), logits);
    }

    /// <summary>All of a name as one thing: for what has no instances.</summary>
    /// <inheritdoc cref="Find" path="/param"/>
    public static IReadOnlyList<NanoThing> Whole(NanoInference image, Tensor name, float threshold)
    {
        float[] logits = [.. name.cpu().contiguous().data<float>()];
        var pieces = Pieces(logits, threshold, (int)image.Height, (int)image.Width);
        return pieces.Count == 0 ? [] : Scored(image, [[.. logits.Select((v, i) => pieces.Of[i] >= 0 ? v - threshold : Math.Min(v - threshold, -Least))]], logits);
    }

    /// <summary>The pieces of a map that are more than scraps.</summary>
    private static CellPieces Pieces(float[] logits, float threshold, int height, int width)
    {
        var inside = Array.ConvertAll(logits, v => v > threshold);
        var all = new CellPieces(inside, height, width);
        var mass = new double[all.Count];
        for (int p = 0; p < all.Count; p++)
            foreach (int cell in all.Cells(p)) mass[p] += Sigmoid(logits[cell]);
        double least = all.Count == 0 ? 0 : LeastMass * mass.Max();
        bool dropped = false;
        for (int p = 0; p < all.Count; p++)
        {
            if (all.Cells(p).Length >= LeastCells && mass[p] >= least || all.Count == 1) continue;
            dropped = true;
            foreach (int cell in all.Cells(p)) inside[cell] = false;
        }
        return dropped ? new CellPieces(inside, height, width) : all;
    }

    /// <summary>Cells to click: in each piece first the surest cell, then each as far as can be from those before it, sure cells first.</summary>
    private static int[] Spread(float[] logits, CellPieces pieces, int width)
    {
        var chosen = new List<(int Cell, double Worth)>();
        for (int p = 0; p < pieces.Count; p++)
        {
            var cells = pieces.Cells(p);
            var far = new double[cells.Length];
            Array.Fill(far, double.MaxValue);
            double spacing = Math.Max(Spacing, Math.Sqrt(cells.Length) / ClicksAcross), worth = double.MaxValue;
            int next = 0;
            for (int i = 1; i < cells.Length; i++)
                if (logits[cells[i]] > logits[cells[next]]) next = i;
            for (int n = 0; next >= 0 && n < MostClicks; n++)
            {
                chosen.Add((cells[next], worth));
                int x = cells[next] % width, y = cells[next] / width;
                (next, worth) = (-1, spacing);
                for (int i = 0; i < cells.Length; i++)
                {
                    int dx = cells[i] % width - x, dy = cells[i] / width - y;
                    far[i] = Math.Min(far[i], Math.Sqrt(dx * dx + dy * dy));
                    double here = far[i] * Sigmoid(logits[cells[i]]);
                    if (here > worth) (next, worth) = (i, here);
                }
            }
        }
        return [.. chosen.OrderByDescending(c => c.Worth).Take(MostClicks).Select(c => c.Cell)];
    }

    /// <summary>The answers that become things, the best first.</summary>
    private static List<(int Query, int Slot)> Choose(float[] logits, CellPieces pieces, int[] clicks, Tensor coarse, Tensor quality, int width)
    {
        int slots = (int)coarse.shape[1], rows = (int)coarse.shape[2], columns = (int)coarse.shape[3], cells = rows * columns;
        var (likely, piece, sizes) = (new float[cells], new int[cells], new int[pieces.Count]);
        for (int i = 0; i < cells; i++)
        {
            int fine = 2 * (i / columns) * width + 2 * (i % columns);
            (likely[i], piece[i]) = ((float)Sigmoid(logits[fine]), pieces.Of[fine]);
            if (piece[i] >= 0) sizes[piece[i]]++;
        }
        Tensor inside = coarse.flatten(0, 1).flatten(1).gt(0).to(ScalarType.Float32).cpu(); // [Q S, cells]
        float[] areas = [.. inside.sum(1).data<float>()], sums = [.. inside.matmul(tensor(likely)).data<float>()], both = [.. inside.matmul(inside.transpose(0, 1)).contiguous().data<float>()];
        float[] scores = [.. quality.flatten().cpu().contiguous().data<float>()];
        Tensor ofPieces = zeros([cells, pieces.Count]);
        long[] members = [.. Enumerable.Range(0, cells).Where(i => piece[i] >= 0).Select(i => (long)i * pieces.Count + piece[i])];
        ofPieces.view(-1).index_fill_(0, tensor(members), 1f);
        float[] own = [.. inside.matmul(ofPieces).contiguous().data<float>()]; // [Q S, pieces]
        int count = areas.Length;
        var worth = new double[count];
        for (int c = 0; c < count; c++)
        {
            int at = pieces.Of[clicks[c / slots]];
            if (areas[c] == 0 || sums[c] / areas[c] < LeastInMap || at < 0) continue;
            double fill = Math.Min(1, FullAt * own[c * pieces.Count + at] / Math.Max(1, sizes[at]));
            worth[c] = scores[c] * (sums[c] / areas[c]) * Math.Pow(fill, FillPower);
        }
        var kept = new List<int>();
        foreach (int c in Enumerable.Range(0, count).Where(c => worth[c] > 0).OrderByDescending(c => worth[c]))
        {
            if (kept.Count > 0 && worth[c] < LeastWorth * worth[kept[0]]) break; // beside a good answer a poor one is a piece of something
            double taken = kept.Sum(k => both[c * count + k]); // kept ones hardly overlap one another
            bool repeats = kept.Exists(k => both[c * count + k] > MostOverlap * (areas[c] + areas[k] - both[c * count + k]));
            if (!repeats && taken <= MostTaken * areas[c]) kept.Add(c);
        }
        return [.. kept.Select(c => (c / slots, c % slots))];
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
    private static int Divide(CellPieces pieces, int[] owner, int things, int height, int width)
    {
        var unclaimed = new bool[owner.Length];
        var areas = new List<int>(new int[things]);
        for (int i = 0; i < owner.Length; i++)
        {
            unclaimed[i] = pieces.Of[i] >= 0 && owner[i] < 0;
            if (owner[i] >= 0) areas[owner[i]]++;
        }
        var left = new CellPieces(unclaimed, height, width);
        double large = Math.Max(2 * LeastCells, LargeShare * (things == 0 ? 0 : areas.Max()));
        for (int p = 0; p < left.Count; p++)
        {
            var cells = left.Cells(p);
            int heir = cells.Length >= large ? areas.Count : Neighbor(cells);
            if (heir < 0) continue;
            if (heir == areas.Count) areas.Add(0);
            foreach (int cell in cells) owner[cell] = heir;
        }
        return areas.Count;

        int Neighbor(ReadOnlySpan<int> cells)
        {
            var touching = new int[things];
            foreach (int cell in cells)
            {
                if (cell % width > 0) Count(cell - 1);
                if (cell % width < width - 1) Count(cell + 1);
                if (cell >= width) Count(cell - width);
                if (cell + width < owner.Length) Count(cell + width);
            }
            int best = -1;
            for (int t = 0; t < things; t++)
                if (touching[t] > 0 && (best < 0 || touching[t] > touching[best])) best = t;
            return best;

            void Count(int cell)
            {
                if (owner[cell] is >= 0 and var thing && thing < things) touching[thing]++;
            }
        }
    }

    /// <summary>
    /// The logits of each thing: those of the name where it alone claims a cell; where things meet, how much surer its mask is than the others'.
    /// </summary>
    private static List<float[]> Cut(int things, float[] name, int[] owner, float[] masks, int count, float threshold)
    {
        var cuts = new List<float[]>();
        for (int thing = 0; thing < things; thing++)
        {
            if (!owner.AsSpan().Contains(thing)) continue;
            var cut = new float[name.Length];
            for (int i = 0; i < cut.Length; i++)
            {
                float other = float.NegativeInfinity;
                for (int m = 0; m < count; m++)
                    if (m != thing) other = Math.Max(other, masks[m * cut.Length + i]);
                float ahead = thing < count ? masks[thing * cut.Length + i] - Math.Max(other, -Far) : owner[i] == thing ? Far : -Far;
                float own = name[i] - threshold;
                cut[i] = owner[i] == thing ? Math.Max(Least, Math.Min(own, ahead))
                    : owner[i] >= 0 ? Math.Min(own, Math.Clamp(ahead, -Far, -Least)) : Math.Min(own, -Least);
            }
            cuts.Add(cut);
        }
        return cuts;
    }

    /// <summary>The scores of masks, all by one measure: the network is shown each mask and says how good its answer to it will be.</summary>
    private static List<NanoThing> Scored(NanoInference image, List<float[]> masks, float[] name)
    {
        if (masks.Count == 0) return [];
        using var scope = NewDisposeScope();
        var (_, quality, _) = image.Look([.. masks.Select(m => new NanoPlace { Previous = m })]);
        float[] scores = [.. quality.cpu().contiguous().data<float>()];
        return [.. masks.Select((m, i) => new NanoThing(m, Sureness(m, name), scores[i])).OrderByDescending(t => t.Sureness * t.Quality)];
    }

    private static float Sureness(float[] mask, float[] name)
    {
        double sum = 0;
        int inside = 0;
        for (int i = 0; i < mask.Length; i++)
            if (mask[i] > 0) (sum, inside) = (sum + Sigmoid(name[i]), inside + 1);
        return inside == 0 ? 0 : (float)(sum / inside);
    }

    private static double Sigmoid(float x) => 1 / (1 + Math.Exp(-x));
}
