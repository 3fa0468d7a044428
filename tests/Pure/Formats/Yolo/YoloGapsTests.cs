using SemanticSam.Formats;
using SemanticSam.Tests.Pure.Formats.Dialects;

namespace SemanticSam.Tests.Pure.Formats.Yolo;

public sealed class YoloGapsTests : DialectFolder
{
    private (string[] Images, List<FormatProblem> Problems) ReadLine(string line)
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", line);
        Write("set/data.yaml", "names: [cat, dog]");
        return Read(Folder.File("set"));
    }

    [Theory]
    [InlineData("0 0.1 0.2 0.5 0.2 nan nan 0.5 0.8 0.1 0.8", "cat 1271 [10,10,41,31]")]
    [InlineData("0 0.1 0.2 0.5 0.2 NaN NaN 0.5 0.8 0.1 0.8 0.9", "cat 1271 [10,10,41,31] 0.9")]
    [InlineData("0 inf -inf 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8", "cat 1271 [10,10,41,31]")]
    [InlineData("0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 0.3 nan", "cat 1271 [10,10,41,31]")] // of a point half is no point
    [InlineData("0 7 nan nan 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8", "cat 1271 [10,10,41,31]")]
    public void Points_ThatAreNone_AreLeftOutAlone(string line, string expected)
    {
        var (images, problems) = ReadLine(line);
        Assert.Equal([$"a.png 100x50: {expected}"], images);
        Assert.Contains(problems, p => p is { Outcome: FormatOutcome.Repaired, Place: "line 1" }
            && p.What.StartsWith("1 of its 5 points", StringComparison.Ordinal));
        Strict(Folder.File("set"));
    }

    [Theory]
    [InlineData("0 0.1 0.2 0.5 0.2 0.5 0.8 nan nan", "cat")] // a triangle is left
    [InlineData("0 0.1 0.2 0.5 0.2 nan nan nan nan", null)]
    [InlineData("0 nan 0.5 0.2 0.4", null)]
    [InlineData("0 0.3 0.5 0.4 0.6 nan", "cat 1200 [10,10,40,30]")] // a confidence that is none
    [InlineData("0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 nan", "cat 1271 [10,10,41,31]")]
    [InlineData("0 0.1 0.2 0.5 x 0.5 0.8 0.1 0.8", null)]
    public void Line_WithWhatIsNoNumber_KeepsWhatIsGood(string line, string? expected)
    {
        var (images, problems) = ReadLine(line);
        Assert.StartsWith($"a.png 100x50: {expected}", images[0], StringComparison.Ordinal);
        Assert.Equal(expected is null ? FormatOutcome.LeftOut : FormatOutcome.Repaired, Assert.Single(problems).Outcome);
        if (expected is null) Assert.EndsWith(": ", images[0], StringComparison.Ordinal);
    }
}
