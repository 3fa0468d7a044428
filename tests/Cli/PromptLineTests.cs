using SemanticSam.Cli;

namespace SemanticSam.Tests.Cli;

public sealed class PromptLineTests
{
    [Fact]
    public void Parse_NullValues_AreAsGoodAsAbsent()
    {
        var line = PromptLine.Parse("""{"image": "a.jpg", "points": [[1, 2], [3, 4, 0]], "box": null, "mask": null, "text": null, "everything": null, "levels": null}""", "folder");
        Assert.Equal(Path.Combine("folder", "a.jpg"), line.Image);
        Assert.Equal([new PointPrompt(1, 2), new PointPrompt(3, 4, false)], line.Points);
        Assert.Null(line.Box);
        Assert.Null(line.MaskPath);
        Assert.Empty(line.Text);
        Assert.Null(line.Everything);
        Assert.Null(line.Levels);
    }

    [Theory]
    [InlineData("[]", "object")]
    [InlineData("""{"points": [[1, 2, 1]]}""", "'image'")]
    [InlineData("""{"image": ""}""", "'image'")]
    [InlineData("""{"image": "a.jpg", "points": [[1, NaN, 1]]}""", "not JSON")]
    [InlineData("""{"image": "a.jpg", "points": [[1, 1e400, 1]]}""", "1e400")]
    [InlineData("""{"image": "a.jpg", "points": [[1, 2, 2]]}""", "label 1")]
    [InlineData("""{"image": "a.jpg", "points": [[1]]}""", "'points'")]
    [InlineData("""{"image": "a.jpg", "box": [1, 2, 3]}""", "'box'")]
    [InlineData("""{"image": "a.jpg", "text": [3]}""", "'text'")]
    [InlineData("""{"image": "a.jpg", "levels": []}""", "'levels'")]
    [InlineData("""{"image": "a.jpg", "everything": true, "text": ["car"]}""", "'everything'")]
    [InlineData("""{"image": "a.jpg", "everything": {"points": 3}}""", "'points'")]
    [InlineData("""{"image": "a.jpg", "everything": {"overlap": "boxen"}}""", "'boxen'")]
    public void Parse_BadLine_NamesWhatIsWrong(string json, string named) =>
        Assert.Contains(named, Assert.Throws<PromptException>(() => PromptLine.Parse(json, ".")).Message);
}
