using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Engine.Sessions;
using SemanticSam.Formats.Coco;

namespace SemanticSam.Tests.Cli.Requests;

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
    [InlineData("""{"image": "a.jpg", "everything": {"points_per_side": 2.5}}""", "2.5")]
    [InlineData("""{"image": "a.jpg", "everything": {"crop_n_layers": 4294967297}}""", "4294967297")]
    [InlineData("""{"image": "a.jpg", "everything": {"max_memory": 1e300}}""", "1e300")]
    [InlineData("""{"image": "a.jpg", "box": [1, 2, 3, 1e39]}""", "1e39")]
    public void Parse_BadLine_NamesWhatIsWrong(string json, string named) =>
        Assert.Contains(named, Assert.Throws<PromptException>(() => PromptLine.Parse(json, ".")).Message);

    [Fact]
    public void Parse_NumbersOfEverything_AreTakenAsTheyAre()
    {
        var options = PromptLine.Parse("""{"image": "a.jpg", "everything": {"points_per_side": 16.0, "box_nms_thresh": 0.7, "max_memory": 536870913}}""", ".").Everything!;
        Assert.Equal((16, 0.7, 536_870_913), (options.PointsPerSide, options.NmsThreshold, options.MaxMemory));
    }
}
