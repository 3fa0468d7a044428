using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Cli.Requests;

public sealed class PromptLineJsonTests
{
    [Fact]
    public void Read_NullValues_AreAsGoodAsAbsent()
    {
        var line = PromptLineJson.Read("""{"image": "a.jpg", "points": [[1, 2], [3, 4, 0]], "box": null, "mask": null, "text": null, "everything": null, "levels": null}""", "folder");
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
    [InlineData("""{"image": "a.jpg", "points": [[1, NaN, 1]]}""", "not valid JSON")]
    [InlineData("""{"image": "a.jpg", "points": [[1, 1e400, 1]]}""", "1e400")]
    [InlineData("""{"image": "a.jpg", "points": [[1, 2, 2]]}""", "label 1")]
    [InlineData("""{"image": "a.jpg", "points": [[1]]}""", "'points'")]
    [InlineData("""{"image": "a.jpg", "box": [1, 2, 3]}""", "'box'")]
    [InlineData("""{"image": "a.jpg", "text": [3]}""", "'text'")]
    [InlineData("""{"image": "a.jpg", "levels": []}""", "'levels'")]
    [InlineData("""{"image": "a.jpg", "everything": true, "text": ["car"]}""", "'everything'")]
    [InlineData("""{"image": "a.jpg", "everything": {"points": 3}}""", "unknown key 'points' in 'everything'; known are points_per_side, points_per_batch")]
    [InlineData("""{"image": "a.jpg", "point": [1, 2]}""", "unknown key 'point'; known are image, points, box")]
    [InlineData("""{"image": "a.jpg", "everything": {"points_per_side": 0}}""", "1 to 128 points")]
    [InlineData("""{"image": "a.jpg", "everything": {"box_nms_thresh": "0.7"}}""", "'box_nms_thresh': 0.7")]
    [InlineData("""{"image": 3}""", "'image' has a value of the wrong kind")]
    [InlineData("""{"image": "a.jpg", "points": [[1, 2, 1, 1]]}""", "'points'")]
    [InlineData("""{"image": "a.jpg", "mask": ["a.png"]}""", "'mask' has a value of the wrong kind")]
    [InlineData("""{"image": "a.jpg", "levels": ["huge"]}""", "'huge'")]
    [InlineData("""{"image": "a.jpg", "levels": [7]}""", "'7'")]
    [InlineData("null", "object")]
    [InlineData("""{"image": "a.jpg", "everything": {"overlap": "boxen"}}""", "'boxen'")]
    [InlineData("""{"image": "a.jpg", "everything": {"points_per_side": 2.5}}""", "'points_per_side': 2.5 is not a whole number")]
    [InlineData("""{"image": "a.jpg", "everything": {"crop_n_layers": 4294967297}}""", "4294967297")]
    [InlineData("""{"image": "a.jpg", "everything": {"max_memory": 1e300}}""", "1e300")]
    [InlineData("""{"image": "a.jpg", "box": [1, 2, 3, 1e39]}""", "1e39")]
    public void Read_BadLine_NamesWhatIsWrong(string json, string named) =>
        Assert.Contains(named, Assert.Throws<PromptException>(() => PromptLineJson.Read(json, ".")).Message);

    [Fact]
    public void Read_TextAndLevels_TakeOneOrMany()
    {
        Assert.Equal(["car"], PromptLineJson.Read("""{"image": "a.jpg", "text": "car"}""", ".").Text);
        var line = PromptLineJson.Read("""{"image": "a.jpg", "text": ["car", "wheel"], "levels": [3, "part"], "box": [1, 2, 3, 4], "mask": "m.png"}""", "f");
        Assert.Equal(["car", "wheel"], line.Text);
        Assert.Equal([GranularityLevel.Whole, GranularityLevel.Part], line.Levels);
        Assert.Equal(new BoxF(1, 2, 3, 4), line.Box);
        Assert.Equal(Path.Combine("f", "m.png"), line.MaskPath);
        Assert.NotNull(PromptLineJson.Read("""{"image": "a.jpg", "everything": true}""", ".").Everything);
        Assert.Null(PromptLineJson.Read("""{"image": "a.jpg", "everything": false, "text": "car"}""", ".").Everything);
    }

    [Fact]
    public void Read_NumbersOfEverything_AreTakenAsTheyAre()
    {
        var options = PromptLineJson.Read("""{"image": "a.jpg", "everything": {"points_per_side": 16.0, "box_nms_thresh": 0.7, "max_memory": 536870913}}""", ".").Everything!;
        Assert.Equal((16, 0.7, 536_870_913), (options.PointsPerSide, options.NmsThreshold, options.MaxMemory));
    }
}
