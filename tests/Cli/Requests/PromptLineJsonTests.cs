using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Cli.Requests;

public sealed class PromptLineJsonTests
{
    [Fact]
    public void Read_NullValues_AreAsGoodAsAbsent()
    {
        var line = PromptLineJson.Read(
            """{"image": "a.jpg", "points": [[1, 2], [3, 4, 0]], "box": null, "mask": null, "text": null, "everything": null, "levels": null}""", "folder");
        Assert.Equal(Path.Combine("folder", "a.jpg"), line.Image);
        Assert.Equal([new PointPrompt(1, 2), new PointPrompt(3, 4, false)], Assert.Single(line.Groups));
        Assert.Empty(line.Boxes);
        Assert.Null(line.MaskPath);
        Assert.Empty(line.Text);
        Assert.Null(line.Everything);
        Assert.Null(line.Levels);
    }

    [Theory]
    [InlineData("[]", "object")]
    [InlineData("""{"points": [[1, 2, 1]]}""", "'image'")]
    [InlineData("""{"image": ""}""", "'image'")]
    [InlineData("""{"image": "a\u0000b.jpg"}""", "'image'")]
    [InlineData("""{"image": "a.jpg", "points": [[1, 2]], "mask": "m\u0000"}""", "'mask'")]
    [InlineData("""{"image": "a.jpg", "points": [[1, 2]], "mask": ""}""", "'mask'")]
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
    [InlineData("""{"image": "a.jpg", "text": "car", "presence_threshold": 1.5}""", "'presence_threshold' is 1.5; 0 to 1 are allowed")]
    [InlineData("""{"image": "a.jpg", "box": [1, 2, 3, 4], "presence_threshold": 0.5}""", "'presence_threshold' goes with 'text'.")]
    public void Read_BadLine_NamesWhatIsWrong(string json, string named) =>
        Assert.Contains(named, Assert.Throws<PromptException>(() => PromptLineJson.Read(json, ".")).Message);

    private static IReadOnlyList<Prompt> Prompts(string keys, List<string>? notices = null) =>
        PromptLineJson.Read($"{{\"image\": \"a.jpg\", {keys}}}", ".").ToPrompts(100, 50, notices is null ? null : notices.Add);

    [Fact]
    public void Read_SeveralBoxesAndGroups_ArePromptsOfTheirOwn()
    {
        Assert.Equal([new BoxF(1, 2, 3, 4), new(5, 6, 7, 8)], Prompts("\"boxes\": [[1, 2, 3, 4], [5, 6, 7, 8]], \"text\": [\"car\"]")
            .Select(p => p.Box!.Value));
        var groups = Prompts("\"points\": [[[1, 2], [3, 4, 0]], [[5, 6, 1]]]");
        Assert.Equal([2, 1], groups.Select(p => p.Points.Count));
        var pairs = Prompts("\"boxes\": [[1, 2, 9, 9], [5, 6, 9, 9]], \"points\": [[[1, 2]], [[5, 6]]]");
        Assert.Equal([(1f, 1f), (5f, 5f)], pairs.Select(p => (p.Box!.Value.X1, p.Points[0].X)));
        Assert.Equal(3, Prompts("\"boxes\": [[1, 2, 9, 9], [5, 6, 9, 9]], \"points\": [[1, 2], [3, 4]]").Count);
        var one = Assert.Single(Prompts("\"box\": [1, 2, 9, 9], \"points\": [[1, 2], [3, 4]]"));
        Assert.Equal((2, 1f), (one.Points.Count, one.Box!.Value.X1));
        Assert.Single(Prompts("\"text\": \"car\""));
        Assert.Throws<PromptException>(() => Prompts("\"points\": [[[1, 2]], [3, 4]]"));
        Assert.Throws<PromptException>(() => Prompts("\"points\": [[[[1, 2]]]]"));
        Assert.Throws<PromptException>(() => Prompts("\"boxes\": [1, 2, 3, 4]"));
    }

    [Fact]
    public void ToPrompts_BoxThatSticksOut_IsCutWithANotice()
    {
        var notices = new List<string>();
        Assert.Equal(new BoxF(0, 10, 100, 50), Assert.Single(Prompts("\"box\": [-5, 10, 120, 60]", notices)).Box);
        Assert.Contains("is cut to (0, 10, 100, 50)", Assert.Single(notices));
        Assert.Equal(new BoxF(200, 10, 300, 20), Assert.Single(Prompts("\"box\": [200, 10, 300, 20]", notices)).Box); // outside wholly: refused later
        Assert.Single(notices);
    }

    /// <summary>What each item is asked as; a text is taken apart, an item of a list is not.</summary>
    [Theory]
    [InlineData("\"shirt, blouse\"", "shirt| blouse")]
    [InlineData("[\"shirt, blouse\", \"dress\"]", "\"shirt, blouse\"|dress")]
    [InlineData("\"person . hair . shoe .\"", "person| hair| shoe|")]
    [InlineData("\"person|hair\"", "person|hair")]
    [InlineData("\"a cat. a remote control.\"", "a cat|a remote control.")]
    [InlineData("[\"St. Bernard\"]", "\"St. Bernard\"")]
    [InlineData("\"St. Bernard, cat\"", "St. Bernard| cat")]
    [InlineData("\"\\\"shirt, blouse\\\", dress; 5\\\" pipe\"", "\"shirt, blouse\"| dress| 5\" pipe")]
    public void Text_Separators_AreThoseOfOtherProgramsToo(string text, string expected) =>
        Assert.Equal(expected.Split('|'),
            PromptLineJson.Read($"{{\"image\": \"a.jpg\", \"text\": {text}}}", ".").Text.SelectMany(SemanticSam.TextEncoder.Names.ConceptParser.Split));

    [Fact]
    public async Task PromptsFile_CommentsAndCrLf_ArePassedOver()
    {
        using var folder = new SemanticSam.Tests.Support.TempFolder();
        string path = folder.Write("p.jsonl",
            System.Text.Encoding.UTF8.GetBytes("\uFEFF# a comment\r\n\r\n{\"image\": \"a.jpg\"}\r\n // another\r\n  \r\n{\"image\": \"b.jpg\"}"));
        using var reader = PromptsReader.Open(path);
        Assert.Equal("{\"image\": \"a.jpg\"}", await reader.NextAsync(default));
        Assert.Equal(3, reader.Number);
        Assert.Equal("{\"image\": \"b.jpg\"}", await reader.NextAsync(default));
        Assert.Null(await reader.NextAsync(default));
    }

    [Fact]
    public void Read_TextAndLevels_TakeOneOrMany()
    {
        Assert.Equal(["car"], PromptLineJson.Read("""{"image": "a.jpg", "text": "car"}""", ".").Text);
        var line = PromptLineJson.Read("""{"image": "a.jpg", "text": ["car", "wheel"], "levels": [3, "part"], "box": [1, 2, 3, 4], "mask": "m.png"}""", "f");
        Assert.Equal(["car", "wheel"], line.Text);
        Assert.Equal([GranularityLevel.Whole, GranularityLevel.Part], line.Levels);
        Assert.Equal([new BoxF(1, 2, 3, 4)], line.Boxes);
        Assert.Equal(Path.Combine("f", "m.png"), line.MaskPath);
        Assert.NotNull(PromptLineJson.Read("""{"image": "a.jpg", "everything": true}""", ".").Everything);
        Assert.Null(PromptLineJson.Read("""{"image": "a.jpg", "everything": false, "text": "car"}""", ".").Everything);
    }

    [Fact]
    public void Read_NumbersOfEverything_AreTakenAsTheyAre()
    {
        var options = PromptLineJson.Read("""{"image": "a.jpg", "everything": {"points_per_side": 16.0, "box_nms_thresh": 0.7, "max_memory": 536870913}}""",
            ".").Everything!;
        Assert.Equal((16, 0.7, 536_870_913), (options.PointsPerSide, options.NmsThreshold, options.MaxMemory));
    }
}
