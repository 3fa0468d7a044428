using SemanticSam.Formats;
using SemanticSam.Granularity.Layers;
using SemanticSam.Training.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Nano;

/// <summary>What the network is shown of prompts: a wrong sign or factor here, and a training learns something else without a word.</summary>
public sealed class PlaceBatchTests
{
    private static readonly PlaceMask[] Masks = [new([], 1), new([], 0.25f)];

    private static float[] Of(Tensor tensor) => TensorValues.Floats(tensor);

    [Fact]
    public void ToPrompts_PointsOfAClick_AreInCellsAndShareTheirWeight()
    {
        using var scope = NewDisposeScope();
        var asked = new PlaceAsked
        {
            Points = [new(8, 20, Inside: true, Clicked: true), new(12, 4, true, false), new(40, 60, Inside: false, Clicked: true)], Masks = [1, 0],
        };
        var prompts = new PlaceBatch([[], [asked]], [Masks, Masks], queries: 2, width: 4, cells: 3).ToPrompts(CPU);
        Assert.Equal([2, 2, 4, 2], prompts.Points.shape);
        Assert.Equal([2, 5, 3, 1, 10, 15, 0, 0], Of(prompts.Points[1, 0])); // a cell is four pixels
        Assert.Equal([0.5f, 0.5f, 0, 0], Of(prompts.Inside[1, 0]));
        Assert.Equal([0, 0, 1f, 0], Of(prompts.Outside[1, 0]));
        Assert.Equal([1f, 0, -1, 0], Of(prompts.Clicks[1, 0])); // points of a mask are not clicks
        foreach (Tensor empty in (Tensor[])[prompts.Inside[0], prompts.Outside[0], prompts.Clicks[0], prompts.Inside[1, 1], prompts.HasBox])
            Assert.Equal(0, empty.abs().sum().item<float>());
        Assert.Equal([2, 2, 3], prompts.Previous.shape);
        Assert.Equal(0, prompts.Previous.abs().sum().item<float>());
    }

    [Fact]
    public void ToPrompts_BoxAndMask_AreInCellsAndLogits()
    {
        using var scope = NewDisposeScope();
        var box = new PlaceAsked { Points = [new(8, 8, true, false)], Box = [40, 20, 16, 8], Masks = [0] };
        var given = new PlaceAsked { Points = [new(8, 8, true, false)], Given = [0, 2, 4, 1], Masks = [1] };
        var batch = new PlaceBatch([[box, given]], [Masks], queries: 3, width: 1, cells: 4);
        var prompts = batch.ToPrompts(CPU);
        Assert.Equal([10, 5, 4, 2], Of(prompts.Boxes[0, 0])); // center and size
        Assert.Equal([1, 1, 1, 1], Of(prompts.Boxes[0, 2])); // nothing to divide by zero where there is none
        Assert.Equal([1, 0, 0], Of(prompts.HasBox[0]));
        Assert.Equal([-3, 0, 3, -1.5f], Of(prompts.Previous[0, 1])); // outside, half, inside, a quarter
        Assert.Equal([0, 0, 0, 0], Of(prompts.Previous[0, 0]));
        Assert.Equal([0L, 1, 0], batch.Meant(CPU).data<long>().ToArray());
        Assert.Equal([1, 0.25f, 0], Of(batch.Weights(CPU))); // approximate masks count less, empty places not at all
    }

    [Fact]
    public void Matches_LevelsOfClicks_AreThePairsAndTheFirstIsMeant()
    {
        NanoSample Sample(params PlaceAsked[] clicks) => new()
        {
            Image = new AnnotatedImage { FileName = "a", Width = 4, Height = 4 }, Pixels = [], Valid = [], Names = [], Regions = [],
            Clicks = clicks, Masks = Masks,
        };
        PlaceAsked Click(int[] levels, int[] masks) => new() { Points = [new(1, 1, true, true)], Levels = levels, Masks = masks };
        using var scope = NewDisposeScope();
        var matches = new PlaceMatches([Sample(Click([2, 5], [1, 0]), Click([3], [0])), Sample(Click([4], [1]))]);
        Assert.Equal(3, matches.Count);
        var (query, slot, mask, weight) = matches.ToTensors(CPU);
        Assert.Equal([0L, 0, 1, 0, 0, 0], query.data<long>().ToArray());
        Assert.Equal([2L, 5, 3, 4, 0, 0], slot.data<long>().ToArray());
        Assert.Equal([1L, 0, 0, 1, 0, 0], mask.data<long>().ToArray());
        Assert.Equal([0.25f, 1, 1, 0.25f, 0, 0], Of(weight)); // what fills up the second sample counts nothing
        Assert.Equal([true, false, true, true, false, false], matches.Meant);
        Assert.Equal((1, 0), (matches.Query(0, 2), matches.Mask(0, 2)));
    }
}
