using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Masks that scripts write out pixel by pixel, and boxes that go to the left or up: an image of 4 x 3, its mask (1, 1) and (2, 1).</summary>
public sealed class PixelRowsTests : DialectFolder
{
    private const string Rows = "[[false, false, false, false], [false, true, true, false], [false, false, false, false]]";

    private (string[] Images, List<FormatProblem> Problems) ReadSet(string segmentation, string box = "\"bbox\": [1, 1, 2, 1]") => Read(Write("in.json",
        $"{{\"images\": [{{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 4, \"height\": 3}}], \"categories\": [{{\"id\": 1, \"name\": \"cat\"}}], "
        + $"\"annotations\": [{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, {segmentation}{box}}}]}}"));

    [Theory]
    [InlineData(Rows)]
    [InlineData("[" + Rows + "]")] // a plane around it
    [InlineData("[[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]")]
    [InlineData("[[[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]]")]
    [InlineData("\"[[0, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]\"")]
    public void Rows_OfThatManyPixels_AreTheMask(string segmentation)
    {
        var (images, problems) = ReadSet($"\"segmentation\": {segmentation}, ");
        Assert.Equal(["a.jpg 4x3: cat 2 [1,1,2,1]"], images);
        Assert.Contains(problems, p => p is { Outcome: FormatOutcome.Repaired, Done: "its pixels are the mask" });
        Strict(Folder.File("in.json"));
    }

    /// <summary>What SAM's own script for everything mode gives without run lengths, dumped as it is.</summary>
    [Fact]
    public void Rows_InABareList_AlsoSayHowLargeTheImageIs()
    {
        Picture("truck.png", 4, 3);
        var (images, problems) = Read(Write("truck.json", $$"""[{"segmentation": {{Rows}}, "area": 2, "bbox": [1, 1, 1, 0], "predicted_iou": 0.9}]"""));
        Assert.Equal(["truck.png 4x3: - 2 [1,1,2,1]"], images);
        Assert.Contains(problems, p => p.Done == "its pixels are the mask");
    }

    [Theory]
    [InlineData("[[false, true], [true, false]]", "its mask is 2 x 2, but its image is 3 x 4 (height x width);")]
    [InlineData("[[true, false, false], [true, false, false], [true, false, false], [true, false, false]]", "its rows and columns are exchanged")]
    [InlineData("[[false, true, true, false], [true], [false, false, false, false]]", "segmentation[1] has 1 values, and the rows before have 4")]
    [InlineData("[[false, true, true, false], 7, [false, false, false, false]]", "segmentation[1] is 7")]
    [InlineData("[[false, true, true, false], [0, 1, 2, 0], [false, false, false, false]]", "true and false, here is 2")]
    [InlineData("[false, false, true, true, false, false]", "a list of 6 true and false that are not divided into rows")]
    public void Rows_ThatAreNot_AreNamedWithACure(string segmentation, string what)
    {
        var (images, problems) = ReadSet($"\"segmentation\": {segmentation}, ");
        Assert.Equal(["a.jpg 4x3: "], images);
        var problem = Assert.Single(problems);
        Assert.Equal(FormatOutcome.LeftOut, problem.Outcome);
        Assert.Contains(what, problem.What);
        if (!what.Contains("here is")) Assert.Contains("run lengths {\"size\", \"counts\"} are expected", problem.What);
    }

    [Theory]
    [InlineData("[3, 1, -2, 1]", "[1,1,2,1]")]
    [InlineData("[1, 2, 2, -1]", "[1,1,2,1]")]
    [InlineData("[3, 2, -2, -1]", "[1,1,2,1]")]
    [InlineData("[3, 2, -9, -9]", "[0,0,3,2]")]
    public void Box_WithANegativeSide_GoesTheOtherWayFromItsCorner(string box, string expected)
    {
        var (images, problems) = ReadSet("", $"\"bbox\": {box}");
        Assert.EndsWith(expected, Assert.Single(images));
        Assert.Contains(problems, p => p.Outcome == FormatOutcome.Repaired && p.What.Contains($"its box {box} has a negative width or height"));
        Strict(Folder.File("in.json"));
    }

    /// <summary>Where there is an outline the box is not used, and nothing is said of it.</summary>
    [Fact]
    public void Box_WithANegativeSideBesideAnOutline_IsNotTold() =>
        Assert.Empty(ReadSet("\"segmentation\": [[1, 1, 3, 1, 3, 2, 1, 2]], ", "\"bbox\": [3, 2, -2, -1]").Problems);

    [Theory]
    [InlineData("[1, 1, 0, 0]")]
    [InlineData("[50, 50, 3, 3]")]
    [InlineData("[1, 1, 2]")]
    public void Box_ThatCoversNothing_IsQuoted(string box) =>
        Assert.Contains($"it has no outline, and its box {box} covers no pixel", Assert.Single(ReadSet("", $"\"bbox\": {box}").Problems).What);
}
