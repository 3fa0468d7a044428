using CsCheck;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class PartTreeTests
{
    private static Rle Box(int left, int top, int right, int bottom) => Rle.FromBox(100, 120, new(left, top, right, bottom));

    // car, wheel, rim, person, head; the head is given before the person
    private static readonly Rle[] Scene = [Box(0, 0, 60, 40), Box(5, 20, 25, 40), Box(10, 25, 20, 35), Box(72, 2, 80, 12), Box(70, 0, 90, 60)];

    [Fact]
    public void Build_NestedMasks_AnswersPartsWholesRootsAndDepths()
    {
        var tree = PartTree.Build(Scene);
        Assert.Equal([0, 4], tree.Roots);
        Assert.Equal([1], tree.PartsOf(0));
        Assert.Equal([1, 2], tree.AllPartsOf(0));
        Assert.Equal([3], tree.PartsOf(4));
        Assert.Equal((1, 0, null), (tree.WholeOf(2), tree.WholeOf(1), tree.WholeOf(0)));
        Assert.Equal((0, 4), (tree.RootOf(2), tree.RootOf(3)));
        Assert.Equal([0, 1, 2, 1, 0], Enumerable.Range(0, 5).Select(tree.DepthOf));
        Assert.Equal([2, 1, 0], tree.At(12, 30));
        Assert.Empty(tree.At(119, 99));
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.PartsOf(5));
    }

    [Fact]
    public void Build_MostlyInside_DependsOnContainment()
    {
        Rle[] masks = [Box(0, 0, 50, 50), Box(42, 0, 52, 20)]; // 80 % inside
        Assert.Null(PartTree.Build(masks).WholeOf(1));
        Assert.Equal(0, PartTree.Build(masks, containment: 0.8).WholeOf(1));
    }

    [Fact]
    public void Build_EqualAreas_TheLargerLevelIsTheWhole()
    {
        Rle[] masks = [Box(0, 0, 20, 20), Box(3, 0, 23, 20)]; // 85 % of each other
        Assert.Equal(0, PartTree.Build(masks, containment: 0.7, duplicateIou: 1).WholeOf(1));
        var tree = PartTree.Build(masks, [GranularityLevel.Part, GranularityLevel.Whole], containment: 0.7, duplicateIou: 1);
        Assert.Equal((1, null), (tree.WholeOf(0), tree.WholeOf(1)));
    }

    [Fact]
    public void Build_NearDuplicates_AreOneNodeOfTheBestScore()
    {
        Rle[] masks = [Box(0, 0, 40, 40), Box(0, 0, 40, 41), Box(5, 5, 10, 10)];
        var tree = PartTree.Build(masks, scores: [0.5f, 0.9f, 0.7f]);
        Assert.Equal([1, 2], tree.Nodes);
        Assert.Equal((1, 1, 2), (tree.RepresentativeOf(0), tree.RepresentativeOf(1), tree.RepresentativeOf(2)));
        Assert.Equal([2], tree.PartsOf(0));
        Assert.Null(tree.WholeOf(0));
        Assert.Equal(0, PartTree.Build(masks).RepresentativeOf(1)); // without scores the first given
    }

    [Fact]
    public void WithParents_Results_GetTheirParents()
    {
        MaskResult[] results = [.. Scene.Select((m, i) => new MaskResult { Mask = m, PredictedIou = i })];
        Assert.Equal([null, 0, 1, 4, null], PartTree.Build(results).WithParents(results).Select(r => r.Parent));
    }

    [Fact]
    public void Build_EmptyMasksAndLists_Work()
    {
        Assert.Empty(PartTree.Build(Array.Empty<Rle>()).Roots);
        var tree = PartTree.Build([Box(0, 0, 9, 9), Rle.Empty(100, 120), Rle.Empty(100, 120)]);
        Assert.Equal([0, 1, 2], tree.Roots);
    }

    [Fact]
    public void Build_BadArguments_AreNamed()
    {
        Assert.Contains("2 x 2", Assert.Throws<ArgumentException>(() => PartTree.Build([Box(0, 0, 1, 1), Rle.Empty(2, 2)])).Message);
        Assert.Throws<ArgumentException>(() => PartTree.Build(Scene, scores: [1f]));
        Assert.Throws<ArgumentException>(() => PartTree.Build(Scene, levels: [null]));
        Assert.Throws<ArgumentOutOfRangeException>(() => PartTree.Build(Scene, containment: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => PartTree.Build(Scene, duplicateIou: 0));
    }

    private static readonly Gen<Rle[]> GenMasks =
        (from l in Gen.Int[0, 30] from t in Gen.Int[0, 30] from w in Gen.Int[1, 30] from h in Gen.Int[1, 30]
         select Rle.FromBox(60, 60, new(l, t, l + w, t + h))).Array[0, 25];

    [Fact]
    public void Build_AnyMasks_IsWhatComparingAllPairsGives() => GenMasks.Sample(masks =>
    {
        var tree = PartTree.Build(masks);
        foreach (int i in tree.Nodes)
        {
            Assert.DoesNotContain(tree.Nodes, j => j < i && masks[i].IoU(masks[j]) >= 0.9);
            var containers = tree.Nodes.Where(j => (masks[j].Area > masks[i].Area || (masks[j].Area == masks[i].Area && j < i))
                && masks[i].IntersectionArea(masks[j]) >= 0.85 * masks[i].Area).ToList();
            if (tree.WholeOf(i) is { } whole)
            {
                Assert.Contains(whole, containers);
                Assert.Equal(containers.Min(j => masks[j].Area), masks[whole].Area);
                Assert.Contains(i, tree.PartsOf(whole));
                Assert.Equal(tree.DepthOf(whole) + 1, tree.DepthOf(i));
            }
            else Assert.Empty(containers);
        }
        Assert.Equal(tree.Nodes.Order(), tree.Roots.SelectMany(r => tree.AllPartsOf(r).Prepend(r)).Order());
        foreach (int i in Enumerable.Range(0, masks.Length).Except(tree.Nodes))
            Assert.True(masks[i].IoU(masks[tree.RepresentativeOf(i)]) >= 0.9);
    });

    [Fact]
    public void Build_ThousandMasks_TakesUnderASecond()
    {
        var random = new Random(5);
        var masks = new Rle[1000];
        for (int i = 0; i < masks.Length; i++)
        {
            // A wavy disc: as many runs as masks of photos have.
            double cx = random.Next(640), cy = random.Next(480), radius = 5 + 150 * Math.Pow(random.NextDouble(), 3), waves = random.Next(3, 12);
            var outline = new (double, double)[90];
            for (int k = 0; k < outline.Length; k++)
            {
                double angle = k * Math.Tau / outline.Length, r = radius * (1 + 0.2 * Math.Sin(waves * angle));
                outline[k] = (cx + r * Math.Cos(angle), cy + r * Math.Sin(angle));
            }
            masks[i] = PolygonFill.Fill([outline], 480, 640);
        }
        double best = double.MaxValue;
        for (int repeat = 0; repeat < 10 && best >= 1; repeat++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            PartTree.Build(masks);
            best = Math.Min(best, System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        Assert.True(best < 1, $"{best:f3} s"); // about 0.06 s optimized
    }
}
