using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Engine;

public sealed class ShareCoordinatesTests
{
    private static string? Said(Prompt prompt, int side = 100) => ShareCoordinates.NoticeOf(prompt, side, side);

    [Fact]
    public void Place_InTheFirstPixel_IsSaid()
    {
        Assert.Equal("all of the box (0.2, 0.1, 0.8, 0.9) lies within the first pixel of the image; coordinates are pixels: "
            + "shares of the image's sides have to be multiplied by its width and height.", Said(Prompt.Around(0.2f, 0.1f, 0.8f, 0.9f)));
        Assert.StartsWith("the point (0.5, 0.25) lies", Said(Prompt.At(0.5f, 0.25f)), StringComparison.Ordinal);
        Assert.StartsWith("all points lie", Said(new() { Points = [new(0.5f, 0.25f), new(0.1f, 0.2f, false)] }), StringComparison.Ordinal);
        Assert.NotNull(Said(Prompt.Around(0, 0, 1, 1)));
        Assert.NotNull(Said(Prompt.Around(0, 0.5f, 1, 1) with { Points = [new(0.5f, 0.75f)], Names = ["cat"] }));
    }

    [Fact]
    public void Place_Elsewhere_IsNotSaid()
    {
        Assert.Null(Said(Prompt.Around(0, 0, 1, 1.5f)));
        Assert.Null(Said(Prompt.Around(0.2f, 0.1f, 0.8f, 0.9f) with { Points = [new(5, 5)] }));
        Assert.Null(Said(Prompt.At(0, 0)));
        Assert.Null(Said(Prompt.At(0.5f, 1.5f)));
        Assert.Null(Said(Prompt.At(0.5f, 0.5f), side: 1));
        Assert.Null(Said(Prompt.At(0.5f, 0.5f) with { Mask = Rle.Full(100, 100) }));
        Assert.Null(Said(Prompt.Named("cat")));
    }

    [Fact]
    public void Line_WithShares_SaysEach()
    {
        var said = new List<string>();
        var line = new PromptLine { Image = "a.jpg", Boxes = [new(0.2f, 0.1f, 0.8f, 0.9f), new(5, 5, 20, 20)], Groups = [] };
        Assert.Equal(2, line.ToPrompts(100, 50, said.Add).Count);
        Assert.Contains("(0.2, 0.1, 0.8, 0.9)", Assert.Single(said));
    }
}
