using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Nano;

public sealed class NanoInstancesTests
{
    private const float Threshold = -0.5f;

    private static NanoConfig Small => new()
    {
        BackboneWidth = 16, PyramidWidth = 32, NormGroups = 4, EmbeddingWidth = 16, SentenceWidth = 12, NameHidden = 16, MaskHidden = 16,
        MaskFeatures = 8, QueryWidth = 32,
    };

    [Fact]
    public void Find_EmptyMap_HasNoThings()
    {
        using var scope = NewDisposeScope();
        using var model = new NanoModel(Small);
        using var image = new NanoInference(model, rand(1, 3, 64, 64), 64, 64);
        var found = Assert.Single(NanoInstances.Find(image, [Sought(full([16, 16], -5f))], Threshold));
        Assert.Empty(found.Things);
        Assert.Null(found.Unsure);
    }

    [Fact]
    public void Find_AnyMap_GivesThingsApartThatLieInItAndAreNoScraps()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var image = Image(model);
        Tensor map = Map();
        var things = NanoInstances.Find(image, [Sought(map)], Threshold)[0].Things;
        Assert.NotEmpty(things);
        float[] logits = TensorValues.Floats(map);
        for (int i = 0; i < logits.Length; i++)
        {
            int owners = things.Count(t => t.Logits[i] > 0);
            Assert.True(owners <= (logits[i] > Threshold ? 1 : 0));
        }
        Assert.All(things, t => Assert.InRange(t.Sureness, 0, 1));
        Assert.All(things, t => Assert.InRange(t.Quality, 0, 1));
        Assert.Equal(things.OrderByDescending(t => t.Sureness * t.Quality), things);
    }

    /// <summary>One thing a piece, of all its cells, whatever clicks would say.</summary>
    [Fact]
    public void Find_InPieces_IsAThingAPiece()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var image = Image(model);
        Tensor map = full([32, 32], -5f);
        map.slice(0, 2, 12, 1).slice(1, 3, 29, 1).fill_(2);
        map.slice(0, 20, 30, 1).slice(1, 5, 15, 1).fill_(3);
        var things = NanoInstances.Find(image, [Sought(map) with { InPieces = true }], Threshold)[0].Things;
        Assert.Equal([10 * 26, 10 * 10], things.Select(t => t.Logits.Count(v => v > 0)).OrderDescending());
        Assert.All(things, t => Assert.InRange(t.Quality, 0, 1));
    }

    [Fact]
    public void Find_SeveralNames_AnswersEachAsAlone()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var image = Image(model);
        // more than go together
        SoughtName[] names = [.. Enumerable.Range(0, 9).Select(n => Sought(n % 4 == 1 ? full([32, 32], -5f) : Map() - n * 0.1f, isStuff: n % 3 == 2))];
        var together = NanoInstances.Find(image, names, Threshold);
        Assert.Equal(names.Length, together.Count);
        for (int n = 0; n < names.Length; n++)
        {
            var alone = NanoInstances.Find(image, [names[n]], Threshold)[0].Things;
            Assert.Equal(alone.Count, together[n].Things.Count);
            Assert.Equal(n % 4 != 1, alone.Count > 0);
            if (names[n].IsStuff && alone.Count > 0) Assert.Single(alone);
            foreach (var (one, other) in alone.Zip(together[n].Things))
            {
                Assert.Equal(one.Sureness, other.Sureness, 1e-4);
                Assert.Equal(one.Quality, other.Quality, 1e-3);
                Assert.Equal(one.Logits.Select(v => v > 0), other.Logits.Select(v => v > 0));
            }
        }
    }

    [Fact]
    public void Find_ThingsThatAreNotSure_AreToldButNotDrawn()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var image = Image(model);
        Tensor map = Map();
        map.slice(0, 18, 30, 1).slice(1, 16, 30, 1).fill_(0.5f); // the second piece is much less sure than the first
        var all = NanoInstances.Find(image, [Sought(map)], Threshold)[0].Things;
        float surest = all.Max(t => t.Sureness), least = all.Min(t => t.Sureness);
        Assert.True(least < 0.7 && surest > 0.9);
        var some = NanoInstances.Find(image, [Sought(map) with { IsSure = s => s > 0.7f }], Threshold)[0];
        Assert.Equal(all.Where(t => t.Sureness > 0.7f).Select(t => t.Sureness), some.Things.Select(t => t.Sureness));
        Assert.Equal(all.Where(t => t.Sureness <= 0.7f).Max(t => t.Sureness), some.Unsure);
        var none = NanoInstances.Find(image, [Sought(map) with { IsSure = s => s > 0.99f }], Threshold)[0]; // not even the surest cell is: nothing is looked at
        Assert.Empty(none.Things);
        Assert.InRange(none.Unsure!.Value, least, surest);
    }

    [Fact]
    public void Find_ThingsThatDoNotStandBesideTheSurest_AreNeitherShownNorCalledUnsure()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var image = Image(model);
        Tensor map = Map();
        map.slice(0, 18, 30, 1).slice(1, 16, 30, 1).fill_(0.5f);
        var all = NanoInstances.Find(image, [Sought(map)], Threshold)[0].Things;
        float surest = all.Max(t => t.Sureness);
        Assert.True(all.Count > 1);
        var asked = new List<float>();
        var one = NanoInstances.Find(image, [Sought(map) with { StandsBeside = (_, best) => { asked.Add(best); return false; } }], Threshold)[0];
        Assert.Equal(surest, Assert.Single(one.Things).Sureness);
        Assert.Null(one.Unsure);
        Assert.Equal(all.Count - 1, asked.Count); // the surest needs nobody to stand beside
        Assert.All(asked, best => Assert.Equal(surest, best));
    }

    private static SoughtName Sought(Tensor map, bool isStuff = false) => new(TensorValues.Floats(map), isStuff, _ => true);

    private static NanoModel Model()
    {
        manual_seed(4);
        return new NanoModel(Small);
    }

    private static NanoInference Image(NanoModel model) => new(model, rand(1, 3, 128, 128) * 100, 128, 128);

    /// <summary>Two pieces.</summary>
    private static Tensor Map()
    {
        Tensor map = full([32, 32], -6f);
        map.slice(0, 2, 12, 1).slice(1, 2, 12, 1).fill_(3);
        map.slice(0, 18, 30, 1).slice(1, 16, 30, 1).fill_(3);
        return map;
    }
}
