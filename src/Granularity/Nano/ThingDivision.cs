using System.Runtime.CompilerServices;

namespace SemanticSam.Granularity.Nano;

/// <summary>Divides the region of a name among the masks of its things.</summary>
internal static class ThingDivision
{
    private const double LargeShare = 0.15; // of the largest thing: what nobody claims is a thing of its own
    private const float Least = 0.05f, Far = 8;

    /// <summary>For each cell of the map the thing whose mask is surest there, -1 for none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int[] Own(float[] logits, float threshold, int count, float[] masks)
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Divide(CellPieces pieces, int[] owner, int things, int height, int width)
    {
        var unclaimed = new bool[owner.Length];
        var areas = new List<int>(new int[things]);
        for (int i = 0; i < owner.Length; i++)
        {
            unclaimed[i] = pieces.Of[i] >= 0 && owner[i] < 0;
            if (owner[i] >= 0) areas[owner[i]]++;
        }
        var left = new CellPieces(unclaimed, height, width);
        double large = Math.Max(2 * NameRegion.LeastCells, LargeShare * (things == 0 ? 0 : areas.Max()));
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
    /// <param name="things">How many there are, those that no mask claims after the others.</param>
    /// <param name="name">Logits of the name at the cells.</param>
    /// <param name="owner">The thing of each cell, -1 for none.</param>
    /// <param name="masks">[count * cells]: masks of the first things.</param>
    /// <param name="count">How many of them have one.</param>
    /// <param name="threshold">From this logit of the name on a cell belongs to it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static List<float[]> Cut(int things, float[] name, int[] owner, float[] masks, int count, float threshold)
    {
        var (surest, first, second) = Best(masks, count, name.Length);
        var cuts = new List<float[]>();
        for (int thing = 0; thing < things; thing++)
        {
            if (!owner.AsSpan().Contains(thing)) continue;
            var cut = new float[name.Length];
            for (int i = 0; i < cut.Length; i++)
            {
                float other = surest[i] == thing ? second[i] : first[i];
                float ahead = thing < count ? masks[thing * cut.Length + i] - Math.Max(other, -Far) : owner[i] == thing ? Far : -Far;
                float own = name[i] - threshold;
                cut[i] = owner[i] == thing ? Math.Max(Least, Math.Min(own, ahead))
                    : owner[i] >= 0 ? Math.Min(own, Math.Clamp(ahead, -Far, -Least)) : Math.Min(own, -Least);
            }
            cuts.Add(cut);
        }
        return cuts;
    }

    /// <summary>All of a name's region as one thing.</summary>
    public static float[] All(NameRegion region, float threshold) =>
        [.. region.Logits.Select((v, i) => region.Pieces.Of[i] >= 0 ? v - threshold : Math.Min(v - threshold, -Least))];

    /// <summary>At each cell the largest logit of any mask, whose it is, and the largest of the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int[] Surest, float[] First, float[] Second) Best(float[] masks, int count, int cells)
    {
        var (surest, first, second) = (new int[cells], new float[cells], new float[cells]);
        Array.Fill(surest, -1);
        Array.Fill(first, float.NegativeInfinity);
        Array.Fill(second, float.NegativeInfinity);
        for (int m = 0; m < count; m++)
        {
            var mask = masks.AsSpan(m * cells, cells);
            for (int i = 0; i < mask.Length; i++)
                if (mask[i] > first[i]) (surest[i], second[i], first[i]) = (m, first[i], mask[i]);
                else if (mask[i] > second[i]) second[i] = mask[i];
        }
        return (surest, first, second);
    }
}
