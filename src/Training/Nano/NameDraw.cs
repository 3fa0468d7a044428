using SemanticSam.Formats;

namespace SemanticSam.Training.Nano;

/// <summary>
/// Draws the names that a sample is asked: some that are there, rare ones first, some that surely are not, and some that may be there, but not where
/// something else is.
/// </summary>
/// <param name="names">What can be asked.</param>
/// <param name="phrases">The ways to say it.</param>
/// <param name="options">How many.</param>
/// <param name="isAsked">Which of the queries are.</param>
internal sealed class NameDraw(NanoNames names, PhraseBook phrases, NanoSampleOptions options, IReadOnlyList<bool> isAsked)
{
    private const double PairShare = 0.25, NearShare = 0.3, RarePower = 0.3, CommonPower = 0.35, ApartWeight = 0.35;
    private const int LeastApart = 6; // cells

    private readonly Dictionary<string, int[]> _near = Near(names);
    private readonly HashSet<string> _plain = [.. names.Queries.Where(q => q.Whole is null && isAsked[q.Index]).Select(q => q.Name)];

    public IReadOnlyList<AskedName> Draw(AnnotatedImage image, IReadOnlyList<CategoryKey> categories, IReadOnlyList<CanvasMask> masks, Random random)
    {
        var asked = new List<AskedName>(options.Names);
        int[] present = [.. names.Shown(NanoNames.KeysOf(masks.Select(m => m.Annotation))).Where(q => isAsked[q])];
        foreach (int q in Order(
            present.Where(q => names.Queries[q].Whole is null || !_plain.Contains(names.Queries[q].Name) || random.NextDouble() < PairShare),
            q => Math.Pow(Math.Max(1, names.Queries[q].Images), -RarePower), random))
        {
            if (asked.Count == options.PresentNames) break;
            if (Union(q, masks) is { } mask) asked.Add(new(q, phrases.Draw(q, random), 1, mask));
        }
        float[] absent = names.Absent(image, categories);
        int[] queries = [.. Enumerable.Range(0, absent.Length).Where(q => isAsked[q])];
        AskApart(asked, queries, absent, present, masks, random);
        int[] near = [.. present.SelectMany(q => _near.GetValueOrDefault(names.Queries[q].Name, [])).Distinct().Where(q => absent[q] > 0 && isAsked[q])];
        int[] far = [.. queries.Where(q => absent[q] > 0)];
        var nearOrder = Order(near, _ => 1, random);
        var farOrder = Order(far, q => Math.Pow(Math.Max(1, names.Queries[q].Images), CommonPower), random);
        var taken = new HashSet<int>();
        int n = 0, f = 0;
        while (asked.Count < options.Names && (n < nearOrder.Count || f < farOrder.Count))
        {
            int q = n < nearOrder.Count && (f >= farOrder.Count || random.NextDouble() < NearShare) ? nearOrder[n++] : farOrder[f++];
            if (taken.Add(q)) asked.Add(new(q, phrases.Draw(q, random), absent[q], null));
        }
        return asked;
    }

    /// <summary>Names of which it is known only where they are not.</summary>
    private void AskApart(List<AskedName> asked, int[] queries, float[] absent, int[] present, IReadOnlyList<CanvasMask> masks, Random random)
    {
        var named = masks.Where(m => m.Name is not null).ToList();
        int[] open = [.. queries
            .Where(q => absent[q] == 0 && !present.Contains(q) && named.Exists(m => names.IsApart(m.Name!.Value, q)))];
        random.Shuffle(open);
        foreach (int q in open.Take(Math.Min(options.ApartNames, options.Names - asked.Count)))
        {
            var elsewhere = named.FindAll(m => names.IsApart(m.Name!.Value, q));
            int grid = elsewhere[0].Grid;
            var plane = new byte[grid * grid];
            foreach (var mask in elsewhere) mask.Join(plane);
            var known = new byte[grid / 2 * (grid / 2)];
            CanvasMask.Halve(plane, grid, known);
            int cells = 0;
            for (int i = 0; i < known.Length; i++)
            {
                bool isInside = known[i] == 4;
                known[i] = isInside ? (byte)0 : AskedName.Unknown;
                cells += isInside ? 1 : 0;
            }
            if (cells >= LeastApart) asked.Add(new(q, phrases.Draw(q, random), (float)ApartWeight, known) { IsOpen = true });
        }
    }

    private byte[]? Union(int query, IReadOnlyList<CanvasMask> masks)
    {
        byte[]? plane = null;
        int grid = 0;
        foreach (var mask in masks)
            if (mask.Name is { } name && names.Answers(name, query))
            {
                grid = mask.Grid;
                mask.Join(plane ??= new byte[grid * grid]);
            }
        if (plane is null) return null;
        var half = new byte[grid / 2 * (grid / 2)];
        CanvasMask.Halve(plane, grid, half);
        return half;
    }

    /// <summary>A random order in which weights decide who comes early (Efraimidis and Spirakis).</summary>
    private static List<int> Order(IEnumerable<int> items, Func<int, double> weight, Random random) =>
        [.. items.Select(i => (i, Key: Math.Log(1 - random.NextDouble()) / weight(i))).OrderByDescending(p => p.Key).Select(p => p.i)];

    /// <summary>For each name those that are easily taken for it: of the same wider name, and parts of the same name of other wholes.</summary>
    private static Dictionary<string, int[]> Near(NanoNames names)
    {
        var near = new Dictionary<string, int[]>();
        foreach (string name in names.Queries.Select(q => q.Name).Distinct())
        {
            var wider = names.Entries(name).SelectMany(e => e.IsA.Concat(e.Unsure)).ToHashSet();
            var wholes = names.Entries(name).SelectMany(e => e.Of).ToHashSet();
            near[name] = [.. names.Queries.Where(q => q.Whole is not null ? q.Name == name
                : q.Name != name && names.Entries(q.Name).Any(e => e.IsA.Any(wider.Contains) || e.Of.Any(wholes.Contains))).Select(q => q.Index)];
        }
        return near;
    }
}
