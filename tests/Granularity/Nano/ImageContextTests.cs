using SemanticSam.Granularity.Nano;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Nano;

/// <summary>What knows the whole image: attention over the coarsest level, and places that look at the image.</summary>
public sealed class ImageContextTests
{
    private static readonly NanoConfig Plain = TinyNano.Config.Network with { ContextLayers = 0, LevelBlocks = 0, MaskBlocks = 0, PlaceLooks = 0 };

    private static readonly NanoConfig Extended = Plain with
    {
        ContextLayers = 2, ContextWidth = 32, LevelBlocks = 1, MaskBlocks = 1, PlaceLooks = 2, LookWidth = 32,
    };

    [Fact]
    public void Fresh_ExtendedNetworkWithWeightsOfThePlainOne_AnswersAsThatDoes()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(5);
        using var plain = new NanoModel(Plain);
        using var extended = new NanoModel(Extended);
        var known = plain.state_dict();
        foreach (var (name, target) in extended.state_dict())
            if (known.TryGetValue(name, out var source)) target.copy_(source);
        Tensor image = rand(1, 3, 64, 96) * 100;
        var (before, after) = (plain.Encode(image), extended.Encode(image));
        for (int i = 0; i < before.Levels.Length; i++) Close.Assert_(after.Levels[i], before.Levels[i], 1e-5, $"level {i}");
        Close.Assert_(extended.MaskFeatures(after), plain.MaskFeatures(before), 1e-5, "mask features");
        var place = NanoPlace.ToPrompts(NanoInference.Clicks([5], [7]), before.Height, before.Width, CPU);
        Close.Assert_(extended.Places(after, place, given: false).Weights, plain.Places(before, place, given: false).Weights, 1e-5, "small networks");
    }

    [Fact]
    public void Run_CellsOfPadding_TellTheOthersNothing()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(6);
        using var context = new ImageContext(Extended);
        context.state_dict()["output.weight"].normal_();
        Tensor cells = randn(1, ResNet18.LastWidth(Plain.BackboneWidth), 4, 6), valid = ones(1, 4, 6);
        valid.slice(1, 3, 4, 1).zero_(); // the last row
        Tensor changed = cells.clone();
        changed.slice(2, 3, 4, 1).normal_().mul_(10);
        Tensor seen = context.Run(cells, valid).slice(2, 0, 3, 1);
        Close.Assert_(context.Run(changed, valid).slice(2, 0, 3, 1), seen, 1e-5, "cells that show something");
        Assert.True((context.Run(changed, null).slice(2, 0, 3, 1) - seen).abs().max().item<float>() > 1e-2); // without the mask they would
    }

    [Fact]
    public void Run_SomethingFarAway_ChangesACell()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(7);
        using var context = new ImageContext(Extended);
        context.state_dict()["output.weight"].normal_();
        Tensor cells = randn(1, ResNet18.LastWidth(Plain.BackboneWidth), 8, 8), changed = cells.clone();
        changed[0, TensorIndex.Colon, 7, 7] += 5;
        Tensor here = context.Run(cells, null)[0, TensorIndex.Colon, 0, 0];
        Assert.True((context.Run(changed, null)[0, TensorIndex.Colon, 0, 0] - here).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void At_PlacesFurtherApart_AreLessAlike()
    {
        using var scope = NewDisposeScope();
        Tensor cells = CellPositions.Of(6, 10, 32, CPU)[0]; // [60, 32]
        double Alike(int a, int b) => (cells[a] * cells[b]).sum().item<float>() / (cells[a].norm() * cells[b].norm()).item<float>();
        Assert.True(Alike(0, 1) > Alike(0, 2) && Alike(0, 10) > Alike(0, 20));
        Close.Assert_(CellPositions.At(tensor(new[] { 0.15f, 0.05f }), 32), cells[1], 1e-4, "the second cell of ten, in the first row");
        Assert.Equal(Alike(0, 1), Alike(0, 10), 1e-4); // a step down is as long as one to the right
    }
}
