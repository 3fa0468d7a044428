namespace SemanticSam.Training.Nano;

/// <summary>Draws prompts at places: clicks, several points of both kinds, boxes, and masks that are nearly right.</summary>
internal sealed class PlaceDraw(NanoSampleOptions options, IReadOnlyList<double> levelSizes)
{
    private const double InnermostShare = 0.6, MorePointsShare = 0.25, OutsideShare = 0.5, BoxShare = 0.6, ClickInBoxShare = 0.25, WeakWeight = 0.5,
        BoxJitter = 0.1, EmptyShare = 0.5, EmptyWeight = 0.3;
    private const string GroupKind = "group"; // several things outlined as one
    private const int LeastCells = 8, MostOthers = 2, MaskShift = 3;

    /// <summary>Points that tell where a box or mask lies, a side.</summary>
    private const int Lattice = 4;

    /// <param name="all">The masks of the sample.</param>
    /// <param name="valid">[Grid, Grid], 1 where the canvas shows the image; null where what is not labeled may be anything.</param>
    /// <param name="random">Random numbers.</param>
    public (IReadOnlyList<PlaceAsked> Clicks, IReadOnlyList<PlaceAsked> Regions, IReadOnlyList<PlaceMask> Masks) Draw(IReadOnlyList<CanvasMask> all,
        byte[]? valid, Random random)
    {
        var things = all.Where(m => m.Annotation.Kind != GroupKind && m.Area >= LeastCells).ToList();
        var planes = new List<PlaceMask>();
        var indices = new Dictionary<CanvasMask, int>();
        var clicks = new List<PlaceAsked>();
        var regions = new List<PlaceAsked>();
        if (things.Count == 0) return (clicks, regions, planes);
        var byName = things.GroupBy(m => (m.Name, m.Annotation.Kind)).Select(g => g.ToArray()).ToArray();
        for (int i = 0; i < options.Clicks; i++)
        {
            if (i == 0 && valid is not null && random.NextDouble() < EmptyShare && Empty(all, valid, random) is { } nowhere)
            {
                planes.Add(new(new byte[valid.Length / 4], (float)EmptyWeight));
                clicks.Add(new PlaceAsked { Points = [Point(nowhere, true, random)], Masks = [planes.Count - 1] });
                continue;
            }
            var meant = Pick();
            if (Click(meant, things, random) is not { } click) continue;
            clicks.Add(new PlaceAsked { Points = click.Points, Masks = [.. click.Answers.Select(Index)], Levels = Levels(click.Answers) });
        }
        for (int i = 0; i < options.Regions; i++)
        {
            var meant = Pick();
            regions.Add(random.NextDouble() < BoxShare ? Box(meant, Index(meant), random) : Mask(meant, Index(meant), random));
        }
        return (clicks, regions, planes);

        CanvasMask Pick()
        {
            var named = byName[random.Next(byName.Length)];
            return named[random.Next(named.Length)];
        }

        int Index(CanvasMask mask)
        {
            if (indices.TryGetValue(mask, out int at)) return at;
            planes.Add(new(mask.Halved(), mask.Annotation.IsWeak ? (float)WeakWeight : 1));
            return indices[mask] = planes.Count - 1;
        }
    }

    private static (List<PlacePoint> Points, List<CanvasMask> Answers)? Click(CanvasMask meant, List<CanvasMask> things, Random random)
    {
        var cells = new List<(int X, int Y)> { random.NextDouble() < InnermostShare ? meant.Innermost() : meant.Deep(random) };
        var points = new List<PlacePoint> { Point(cells[0], true, random) };
        var outside = new List<(int X, int Y)>();
        if (random.NextDouble() < MorePointsShare)
            for (int i = random.Next(1, 3); i > 0; i--)
                if (random.NextDouble() < OutsideShare)
                {
                    if (Beside(meant, random) is not { } cell) continue;
                    outside.Add(cell);
                    points.Add(Point(cell, false, random));
                }
                else
                {
                    cells.Add(meant.Deep(random));
                    points.Add(Point(cells[^1], true, random));
                }
        var others = things.Where(m => m != meant && cells.All(c => m.Contains(c.X, c.Y)) && !outside.Any(c => m.Contains(c.X, c.Y))).ToArray();
        random.Shuffle(others);
        return (points, [meant, .. others.Take(MostOthers)]);
    }

    /// <summary>The level nearest in size to each mask; of two at one level the later one moves to its neighbor.</summary>
    private List<int> Levels(List<CanvasMask> masks)
    {
        var levels = new List<int>();
        foreach (var mask in masks)
        {
            double size = Math.Log(mask.Size);
            int[] byNearness = [.. Enumerable.Range(0, levelSizes.Count).OrderBy(l => Math.Abs(Math.Log(levelSizes[l]) - size))];
            levels.Add(byNearness.First(l => !levels.Contains(l)));
        }
        return levels;
    }

    private static PlaceAsked Box(CanvasMask meant, int index, Random random)
    {
        var box = meant.Tight();
        float w = (box.Right - box.Left) * CanvasMask.Cell, h = (box.Bottom - box.Top) * CanvasMask.Cell;
        float x = (box.Left + box.Right) * CanvasMask.Cell / 2f + Jitter() * w, y = (box.Top + box.Bottom) * CanvasMask.Cell / 2f + Jitter() * h;
        w *= 1 + 2 * Jitter();
        h *= 1 + 2 * Jitter();
        var points = LatticeOf(x, y, w, h);
        if (random.NextDouble() < ClickInBoxShare)
        {
            points.Add(Point(meant.Deep(random), true, random, clicked: true));
            if (Beside(meant, random) is { } cell && random.Next(2) == 0) points.Add(Point(cell, false, random, clicked: true));
        }
        return new PlaceAsked { Points = points, Masks = [index], Box = [x, y, w, h] };

        float Jitter() => (float)((2 * random.NextDouble() - 1) * BoxJitter);
    }

    private static PlaceAsked Mask(CanvasMask meant, int index, Random random)
    {
        // Nearly right: moved a little, grown or shrunk, a side cut off.
        int dx = random.Next(-MaskShift, MaskShift + 1), dy = random.Next(-MaskShift, MaskShift + 1), grow = random.Next(-2, 4);
        var plane = meant.Disturbed(dx, dy, grow, random.NextDouble() < 0.3 ? random.NextDouble() * 0.4 : 0, random);
        var cells = new List<(int X, int Y)>();
        int left = meant.Grid, top = meant.Grid, right = 0, bottom = 0;
        for (int y = 0; y < meant.Grid; y++)
            for (int x = 0; x < meant.Grid; x++)
                if (plane[y * meant.Grid + x] != 0)
                {
                    cells.Add((x, y));
                    (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
                }
        if (cells.Count == 0) return Box(meant, index, random);
        var points = Enumerable.Range(0, Lattice * Lattice).Select(_ => Point(cells[random.Next(cells.Count)], true, random, clicked: false)).ToList();
        var given = new byte[meant.Grid / 2 * (meant.Grid / 2)];
        CanvasMask.Halve(plane, meant.Grid, given);
        const float Cell = CanvasMask.Cell;
        return new PlaceAsked
        {
            Points = points, Masks = [index], Given = given,
            Box = [(left + right) * Cell / 2, (top + bottom) * Cell / 2, (right - left) * Cell, (bottom - top) * Cell],
        };
    }

    /// <summary>Points spread over a box.</summary>
    private static List<PlacePoint> LatticeOf(float x, float y, float w, float h) =>
        [.. Enumerable.Range(0, Lattice * Lattice)
            .Select(i => new PlacePoint(x + w * ((i % Lattice + 0.5f) / Lattice - 0.5f), y + h * ((i / Lattice + 0.5f) / Lattice - 0.5f), true, false))];

    /// <summary>A cell of the image in no mask: ground, texture, what nobody outlined; no answer there should promise much.</summary>
    private static (int X, int Y)? Empty(IReadOnlyList<CanvasMask> all, byte[] valid, Random random)
    {
        int grid = (int)Math.Sqrt(valid.Length);
        for (int i = 0; i < 12; i++)
        {
            int at = random.Next(valid.Length);
            if (valid[at] != 0 && !all.Any(m => m.Contains(at % grid, at / grid))) return (at % grid, at / grid);
        }
        return null;
    }

    /// <summary>A cell near a mask but not in it; null where none was found.</summary>
    private static (int X, int Y)? Beside(CanvasMask mask, Random random)
    {
        var box = mask.Tight();
        int margin = 4 + Math.Max(box.Right - box.Left, box.Bottom - box.Top) / 4;
        for (int i = 0; i < 20; i++)
        {
            int x = random.Next(box.Left - margin, box.Right + margin), y = random.Next(box.Top - margin, box.Bottom + margin);
            if (x >= 0 && y >= 0 && x < mask.Grid && y < mask.Grid && !mask.Contains(x, y)) return (x, y);
        }
        return null;
    }

    private static PlacePoint Point((int X, int Y) cell, bool inside, Random random, bool clicked = true) =>
        new((cell.X + random.NextSingle()) * CanvasMask.Cell, (cell.Y + random.NextSingle()) * CanvasMask.Cell, inside, clicked);
}
