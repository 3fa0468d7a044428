using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>A name whose things are looked for.</summary>
/// <param name="Logits">[Height * Width]: logits of the name at the cells.</param>
/// <param name="IsStuff">Whether it has no instances: all of it is one thing.</param>
/// <param name="IsSure">Whether a thing of this sureness (0 to 1) is worth showing; true for all above one for which it is true.</param>
internal sealed record SoughtName(float[] Logits, bool IsStuff, Func<float, bool> IsSure)
{
    /// <summary>Whether a thing of this sureness is worth showing beside the surest one, whose sureness comes second; always where nothing is set.</summary>
    public Func<float, float, bool> StandsBeside { get; init; } = (_, _) => true;

    /// <summary>Whether what touches is one thing, which no click divides.</summary>
    public bool InPieces { get; init; }

    /// <summary>Which slice of the things is asked for; null for all of them.</summary>
    public ThingSlice? Slice { get; init; }
}

/// <summary>What was found of a name.</summary>
/// <param name="Things">The surest first.</param>
/// <param name="Unsure">Sureness of the surest thing that was not worth showing, 0 to 1; null for none.</param>
internal sealed record FoundThings(IReadOnlyList<NanoThing> Things, float? Unsure);

/// <summary>
/// From the maps of names to single things: clicks spread over a map, of whose answers those are kept that lie in it, fill much of their
/// piece of it and promise to be good. What none of them claims joins the thing it touches, is a thing of its own where it is large, and
/// is dropped else, as are scraps of a thing that lie apart from it. Names are looked for together: the network is asked three times, however many they are.
/// </summary>
internal static class NanoInstances
{
    // Tuned on 82 names of 60 photos of the validation set by the AP of their instances, with weights after 1,180 steps of training: 0.156 with the
    // values of the first version, 0.192 with the nearest setting that was measured. The worth that an answer needs beside the best one mattered most.
    private const double LeastInMap = 0.5, LeastWorth = 0.5, MostOverlap = 0.4, MostTaken = 0.5;
    private const double FullAt = 1.2, FillPower = 0.5; // an answer that fills its piece of the map, or nearly, is worth all of its score

    /// <summary>Names that go through the network together, so that memory stays bounded: each has 16 clicks at most.</summary>
    private const int NamesAtOnce = 12;

    /// <summary>Things of names.</summary>
    /// <param name="image">The encoded image.</param>
    /// <param name="names">What is looked for.</param>
    /// <param name="threshold">From this logit on a cell belongs to a name.</param>
    /// <returns>One a name.</returns>
    public static IReadOnlyList<FoundThings> Find(NanoInference image, IReadOnlyList<SoughtName> names, float threshold) =>
        [.. names.Chunk(NamesAtOnce).SelectMany(some => FindTogether(image, some, threshold))];

    private static IEnumerable<FoundThings> FindTogether(NanoInference image, SoughtName[] names, float threshold)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        int height = (int)image.Height, width = (int)image.Width;
        var regions = Each(names.Length, n => new NameRegion(names[n].Logits, threshold, height, width));
        // A name none of whose things can be sure enough is not drawn; what it would have is told by all of it as one thing.
        bool[] isOne = [.. names.Select((n, i) => n.IsStuff || !n.IsSure(regions[i].MostSure()))];
        var cuts = regions.Select((r, i) => isOne[i] && r.Pieces.Count > 0 ? [ThingDivision.All(r, threshold)] : new List<float[]>()).ToArray();
        int[] divided = [.. Enumerable.Range(0, names.Length).Where(i => !isOne[i] && regions[i].Pieces.Count > 0)];
        foreach (var (name, masks) in divided.Zip(Divided(image, [.. divided.Select(i => regions[i])], [.. divided.Select(i => names[i].InPieces)], threshold)))
            cuts[name] = masks;
        for (int n = 0; n < names.Length; n++)
            if (names[n].Slice is { } slice) cuts[n] = [.. cuts[n].Select(mask => slice.Of(mask, height, width))];
        return Scored(image, names, regions, cuts);
    }

    /// <summary>The things of names as masks.</summary>
    private static IReadOnlyList<List<float[]>> Divided(NanoInference image, NameRegion[] regions, bool[] inPieces, float threshold)
    {
        int height = (int)image.Height, width = (int)image.Width;
        int[][] clicks = Each(regions.Length, n => inPieces[n] ? [] : regions[n].Clicks());
        NanoPlace[] places = [.. clicks.SelectMany(c => c).Select(c => new NanoPlace { Clicks = [(c % width + 0.5f, c / width + 0.5f, true)] })];
        var look = places.Length == 0 ? null : image.Look(places);
        int[] firstClick = Starts(clicks, c => c.Length);
        var chosen = Each(regions.Length, n => inPieces[n] ? [] : Choose(regions[n], clicks[n], look!, firstClick[n], height, width));
        PlaceAnswer[] all = [.. chosen.SelectMany(c => c)];
        float[] drawn = all.Length == 0 ? [] : image.Draw(look!.Drawing, all);
        int[] firstMask = Starts(chosen, c => c.Count);
        return Each(regions.Length, n =>
        {
            int first = firstMask[n], count = chosen[n].Count;
            float[] masks = drawn[(first * height * width)..((first + count) * height * width)], name = regions[n].Logits;
            int[] owner = ThingDivision.Own(name, threshold, count, masks);
            int things = ThingDivision.Divide(regions[n].Pieces, owner, count, height, width);
            var cuts = ThingDivision.Cut(things, name, owner, masks, count, threshold);
            foreach (float[] cut in cuts) ThingScraps.Drop(cut, regions[n].Likely, height, width);
            return cuts;
        });
    }

    /// <summary>What is made of each, by several threads at once.</summary>
    private static T[] Each<T>(int count, Func<int, T> make)
    {
        var made = new T[count];
        HostThreads.ForEach(count, i => made[i] = make(i));
        return made;
    }

    /// <summary>Where each begins if they lie one after another.</summary>
    private static int[] Starts<T>(IReadOnlyList<T> some, Func<T, int> size)
    {
        var starts = new int[some.Count];
        for (int i = 1; i < starts.Length; i++) starts[i] = starts[i - 1] + size(some[i - 1]);
        return starts;
    }

    /// <summary>The answers that become things, the best first.</summary>
    /// <param name="region">Where the name is.</param>
    /// <param name="clicks">Cells that were clicked.</param>
    /// <param name="look">What was seen.</param>
    /// <param name="first">The first of its places that belongs to this name.</param>
    /// <param name="height">Rows of fine cells.</param>
    /// <param name="width">Columns of fine cells.</param>
    private static List<PlaceAnswer> Choose(NameRegion region, int[] clicks, PlaceLook look, int first, int height, int width)
    {
        int slots = look.Drawing.Slots, from = first * slots;
        var masks = look.Masks;
        var pieces = new CellSets(region.Pieces.Count, masks.Cells);
        var likely = new float[masks.Cells];
        for (int y = 0, i = 0; y < height; y += 2)
            for (int x = 0; x < width; x += 2, i++)
            {
                int fine = y * width + x;
                likely[i] = (float)region.Likely[fine];
                if (region.Pieces.Of[fine] is >= 0 and var piece) pieces.Add(piece, i);
            }
        int[] sizes = [.. Enumerable.Range(0, pieces.Count).Select(pieces.Area)];
        int count = clicks.Length * slots;
        var (worth, areas) = (new double[count], new int[count]);
        for (int c = 0; c < count; c++)
        {
            int at = region.Pieces.Of[clicks[c / slots]];
            areas[c] = masks.Area(from + c);
            double inMap = areas[c] == 0 ? 0 : masks.Sum(from + c, likely) / areas[c];
            if (inMap < LeastInMap || at < 0) continue;
            double fill = Math.Min(1, FullAt * masks.Shared(from + c, pieces.Bits(at)) / Math.Max(1, sizes[at]));
            worth[c] = look.Quality[from + c] * inMap * Math.Pow(fill, FillPower);
        }
        var kept = new List<int>();
        foreach (int c in Enumerable.Range(0, count).Where(c => worth[c] > 0).OrderByDescending(c => worth[c]))
        {
            if (kept.Count > 0 && worth[c] < LeastWorth * worth[kept[0]]) break; // beside a good answer a poor one is a piece of something
            int[] shared = [.. kept.Select(k => masks.Shared(from + c, masks.Bits(from + k)))];
            bool repeats = kept.Zip(shared).Any(k => k.Second > MostOverlap * (areas[c] + areas[k.First] - k.Second));
            if (!repeats && shared.Sum() <= MostTaken * areas[c]) kept.Add(c); // kept ones hardly overlap one another
        }
        return [.. kept.Select(c => new PlaceAnswer(first + c / slots, c % slots))];
    }

    /// <summary>Things with scores, all by one measure: the network is shown each mask and says how good its answer to it will be.</summary>
    private static FoundThings[] Scored(NanoInference image, SoughtName[] names, NameRegion[] regions, List<float[]>[] cuts)
    {
        var things = new List<(int Name, float[] Mask, float Sureness)>();
        var unsure = new float?[names.Length];
        for (int n = 0; n < names.Length; n++)
        {
            float[] sureness = [.. cuts[n].Select(mask => regions[n].Sureness(mask))];
            float surest = sureness.Length == 0 ? 0 : sureness.Max();
            foreach (var (mask, own) in cuts[n].Zip(sureness))
                if (!names[n].IsSure(own)) unsure[n] = Math.Max(unsure[n] ?? 0, own);
                else if (own == surest || names[n].StandsBeside(own, surest)) things.Add((n, mask, own));
        }
        float[] scores = things.Count == 0 ? [] : image.Look([.. things.Select(t => new NanoPlace { Previous = t.Mask })]).Quality;
        var scored = things.Select((t, i) => (t.Name, Thing: new NanoThing(t.Mask, t.Sureness, scores[i]))).ToLookup(t => t.Name, t => t.Thing);
        return [.. names.Select((_, n) => new FoundThings([.. scored[n].OrderByDescending(t => t.Sureness * t.Quality)], unsure[n]))];
    }
}
