using SemanticSam.Granularity.Nano;

namespace SemanticSam.Tests.Granularity.Nano;

/// <summary>Slices of masks, on planes small enough to see.</summary>
public sealed class ThingSliceTests
{
    /// <summary>A plane from rows of characters: '#' is inside, with a logit of 9, '.' outside.</summary>
    private static float[] Plane(params string[] rows) => [.. rows.SelectMany(r => r).Select(c => c == '#' ? 9f : -9f)];

    private static string Drawn(float[] mask, int width) =>
        string.Join('/', mask.Chunk(width).Select(row => string.Concat(row.Select(v => v > 0 ? '#' : '.'))));

    [Fact]
    public void Of_HalvesOfABentThing_FollowItsMiddle()
    {
        float[] mouth = Plane("......", "##..##", "##..##", "######", "######", "..##..", "..##..", "......");
        Assert.Equal("....../##..##/##..##/..##../..##../....../....../......", Drawn(new ThingSlice(0, 0.5).Of(mouth, 8, 6), 6));
        Assert.Equal("....../....../....../##..##/##..##/..##../..##../......", Drawn(new ThingSlice(0.5, 1).Of(mouth, 8, 6), 6));
    }

    [Fact]
    public void Of_AllOfIt_IsTheThing() // at the border, too
    {
        float[] thing = Plane("##.", ".#.", ".##");
        Assert.Equal(thing, new ThingSlice(0, 1).Of(thing, 3, 3));
    }

    [Theory]
    [InlineData(0.25, 0.75, "./#/#/.")]
    [InlineData(0, 0.25, "#/././.")]
    [InlineData(0.75, 1, "./././#")]
    public void Of_ThingAsHighAsTheImage_IsCutWithinIt(double from, double to, string drawn) =>
        Assert.Equal(drawn, Drawn(new ThingSlice(from, to).Of(Plane("#", "#", "#", "#"), 4, 1), 1));

    /// <summary>Between two cells the cut lies where the share says, so that masks at the image's size are cut there and not at a cell.</summary>
    [Fact]
    public void Of_CutBetweenCells_ShowsInTheLogits()
    {
        float[] sliced = new ThingSlice(0, 0.4).Of(Plane("#", "#", "#", "#"), 4, 1);
        double cut = 1 + sliced[1] / (sliced[1] - sliced[2]); // rows, from the first cell's middle
        Assert.Equal(0.4 * 4 - 0.5, cut, 1e-5);
    }

    [Fact]
    public void Of_TwoSlices_ShareNothingAndMissNothing()
    {
        var random = new Random(3);
        float[] thing = [.. Enumerable.Range(0, 20 * 15).Select(_ => (float)(random.NextDouble() - 0.4))];
        float[] above = new ThingSlice(0, 0.37).Of(thing, 20, 15), below = new ThingSlice(0.37, 1).Of(thing, 20, 15);
        for (int i = 0; i < thing.Length; i++) Assert.Equal(thing[i] > 0 ? 1 : 0, (above[i] > 0 ? 1 : 0) + (below[i] > 0 ? 1 : 0));
    }
}
