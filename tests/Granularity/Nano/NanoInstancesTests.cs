using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Nano;

public sealed class NanoInstancesTests
{
    private static NanoConfig Small => new() { PyramidWidth = 32, NormGroups = 4, EmbeddingWidth = 16, SentenceWidth = 12, NameHidden = 16, MaskHidden = 16, MaskFeatures = 8, QueryWidth = 32 };

    [Fact]
    public void Find_EmptyMap_HasNoThings()
    {
        using var scope = NewDisposeScope();
        using var model = new NanoModel(Small);
        using var image = new NanoInference(model, rand(1, 3, 64, 64), 64, 64);
        Assert.Empty(NanoInstances.Find(image, full([16, 16], -5f), -0.5f));
    }

    [Fact]
    public void Find_AnyMap_GivesThingsApartThatLieInItAndAreNoScraps()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using var model = new NanoModel(Small);
        using var image = new NanoInference(model, rand(1, 3, 128, 128) * 100, 128, 128);
        Tensor map = full([32, 32], -6f);
        map.slice(0, 2, 12, 1).slice(1, 2, 12, 1).fill_(3);
        map.slice(0, 18, 30, 1).slice(1, 16, 30, 1).fill_(3);
        var things = NanoInstances.Find(image, map, -0.5f);
        Assert.NotEmpty(things);
        float[] logits = [.. map.contiguous().data<float>()];
        for (int i = 0; i < logits.Length; i++)
        {
            int owners = things.Count(t => t.Logits[i] > 0);
            Assert.True(owners <= (logits[i] > -0.5f ? 1 : 0));
        }
        Assert.All(things, t => Assert.InRange(t.Sureness, 0, 1));
        Assert.All(things, t => Assert.InRange(t.Quality, 0, 1));
        Assert.Equal(things.OrderByDescending(t => t.Sureness * t.Quality), things);
    }
}
