using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Nano;

/// <summary>The processor's own way from prompts to small networks gives what the tensor library gives.</summary>
public sealed class FusedPlacesTests
{
    private const int Height = 24, Width = 40; // cells of the finest level; at stride 16 60 cells, no whole vectors

    public static TheoryData<string> Kinds => ["one click", "clicks", "clicks of both kinds", "boxes and masks"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_AnyPrompts_EqualsTheTensorLibrary(string kind)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = TinyNano.Network();
        model.Freeze();
        var features = model.Encode(rand(1, 3, 4 * Height, 4 * Width) * 100);
        var places = Places(kind);
        var prompts = NanoPlace.ToPrompts(places, Height, Width, CPU);
        bool given = places[0].IsGiven;
        var expected = model.Places(features, prompts, given);
        using var fused = model.Fuse(features);
        foreach (var found in new[] { fused!.Run<Lanes32>(prompts, given), fused.Run<Lanes8>(prompts, given), fused.Run(prompts, given) })
        {
            Assert.Equal(expected.Weights.shape, found.Weights.shape);
            Close.Assert_(found.Queries, expected.Queries, 1e-5, "queries");
            Close.Assert_(found.Weights, expected.Weights, 1e-5, "weights");
            Close.Assert_(found.Frames, expected.Frames, 1e-5, "frames");
            Close.Assert_(found.Offsets, expected.Offsets, 1e-5, "offsets");
        }
        foreach (var cells in features.Cells) cells.Keys.mul_(3); // what queries look at counts
        using var other = model.Fuse(features);
        Assert.True((other!.Run(prompts, given).Weights - expected.Weights).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void Fuse_NetworkThatLearns_LeavesItToTheTensorLibrary()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = TinyNano.Network();
        var features = model.Encode(rand(1, 3, 64, 96) * 100);
        Assert.Null(model.Fuse(features));
        model.Freeze();
        using (var fused = model.Fuse(features)) Assert.True(fused!.Bytes > 0);
        Assert.Null(model.Fuse(model.Encode(rand(2, 3, 64, 96) * 100))); // of one image only
        model.train();
        Assert.Null(model.Fuse(features));
    }

    private static NanoPlace[] Places(string kind) => kind switch
    {
        "one click" => [new() { Clicks = [(3.2f, 4.9f, true)] }],
        "clicks" => [.. Enumerable.Range(0, 9).Select(i => new NanoPlace { Clicks = [(5 * i, 3 * i, true)] })], // at the borders, too
        "clicks of both kinds" => [new() { Clicks = [(3, 4, true), (30, 20.5f, false)] }, new() { Clicks = [(9, 9, true), (12, 10, true)] }],
        _ => [new() { Box = (2, 3, 30, 12) }, new() { Box = (7, 7, 8, 8), Clicks = [(7.5f, 7, true), (1, 1, false)] },
            new() { Previous = NanoPlace.LogitsOf([.. Enumerable.Range(0, Height * Width).Select(i => i % Width < 6 ? 1f : 0)]) }],
    };
}
