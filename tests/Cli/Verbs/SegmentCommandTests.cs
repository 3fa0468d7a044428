using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Verbs;

/// <summary>The main job, end to end, with the embedded model, in process.</summary>
public sealed class SegmentCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Image => Directory.GetFiles(Fixtures.OwnPath("wholepart/images"), "*.jpg", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).First();

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string Middle(string image)
    {
        var header = ImageDecoder.SizeOf(image);
        return $"{header.Width / 2},{header.Height / 2}";
    }

    [Fact]
    public async Task Segment_MorePixelsThanAllowed_AreRefusedAndStopNoBatch()
    {
        string large = _folder.File("large.png");
        File.WriteAllBytes(large, ImageEncoder.Png(new RgbImage(1500, 1000)));
        foreach (string verb in new[] { "segment", "parts" })
        {
            var (code, _, error) = await Run(verb, large, "--point", "9,9", "--max-pixels", "1", "--json");
            Assert.Equal((4, true), (code, error.Contains("at most 1000000 are allowed", StringComparison.Ordinal)));
        }
        string results = _folder.File("results");
        Assert.Equal(1, (await Run("segment", large, Image, "--point", "9,9", "--max-pixels", "1", "--out", results, "--quiet")).Code);
        Assert.Contains("at most 1000000 are allowed", File.ReadAllText(Path.Combine(results, "errors.jsonl")), StringComparison.Ordinal);
        Assert.Equal(0, (await Run("segment", large, Image, "--point", "9,9", "--out", results, "--resume", "--quiet")).Code);
        Assert.Equal(2, (await Run("segment", Image, "--point", "9,9", "--max-pixels", "401")).Code);
    }

    [Fact]
    public async Task Segment_Features_AreWrittenThenReusedAndRefusedForAnotherImage()
    {
        string file = _folder.File("features.safetensors");
        string[] ask = ["segment", Image, "--point", Middle(Image), "--json", "--features", file];
        var first = await Run(ask);
        Assert.Equal((0, ""), (first.Code, first.Error));
        byte[] written = File.ReadAllBytes(file);
        var second = await Run(ask);
        Assert.Equal(written, File.ReadAllBytes(file));
        static string Masks(string output) => JsonDocument.Parse(output).RootElement.GetProperty("annotations").GetRawText();
        Assert.Equal(Masks(first.Output), Masks(second.Output));
        Assert.Equal(0, JsonDocument.Parse(second.Output).RootElement.GetProperty("seconds").GetProperty("encode").GetDouble()); // not encoded again

        string other = Directory.GetFiles(Fixtures.OwnPath("wholepart/images"), "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();
        var (code, _, error) = await Run("segment", other, "--point", "3,3", "--json", "--features", file);
        Assert.Equal(4, code);
        Assert.Contains("of another image", error);
        Assert.Equal(2, (await Run("segment", Image, other, "--point", "3,3", "--features", file)).Code);
        Assert.Equal(2, (await Run("segment", Image, "--point", "3,3", "--crops", "1")).Code);
    }

    /// <summary>What lies in a folder that cannot be read was not asked: that is no success, in what is segmented as in what is resumed.</summary>
    [SkippableFact]
    public async Task Segment_FolderThatCannotBeRead_IsNamedAndEndsWithOne()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a name that is no UTF-8");
        string images = _folder.File("in"), results = _folder.File("out");
        _folder.Write("in/a.jpg", File.ReadAllBytes(Image));
        NamelessFolder.In(images, Image);
        try
        {
            var (code, _, error) = await Run("segment", images, "--point", "20,20", "--quiet", "--out", results);
            Assert.Equal((1, true), (code, error.Contains($"the folder '{images}/{NamelessFolder.Listed}' cannot be read and is passed over")));
            Assert.True(File.Exists(Path.Combine(results, "results/a.jpg.json")));
        }
        finally
        {
            NamelessFolder.RemoveFrom(images);
        }
        string below = Path.Combine(results, "results");
        NamelessFolder.In(below);
        try
        {
            var (code, _, error) = await Run("segment", images, "--point", "20,20", "--quiet", "--resume", "--out", results);
            Assert.Equal((1, true), (code, error.Contains($"the folder '{below}/{NamelessFolder.Listed}' cannot be read and is passed over")));
        }
        finally
        {
            NamelessFolder.RemoveFrom(below);
        }
    }

    [Fact]
    public async Task Segment_PagesOfATiff_HaveResultsOfTheirOwn()
    {
        var page = ImageDecoder.Decode(Image);
        string scan = _folder.Write("scan.tif", TiffFiles.Write([page, page.Crop(0, 0, page.Width - 8, page.Height)]));
        var (code, _, error) = await Run("segment", scan + "#page=2", "--point", "20,20", "--quiet", "--out", _folder.File("one"));
        Assert.Equal((0, ""), (code, error));
        using (var json = JsonDocument.Parse(File.ReadAllBytes(_folder.File("one/scan-page2.json"))))
            Assert.Equal(page.Width - 8, json.RootElement.GetProperty("image").GetProperty("width").GetInt32());

        (code, _, error) = await Run("segment", scan, "--point", "20,20", "--quiet", "--out", _folder.File("first"));
        Assert.Equal(0, code);
        Assert.Contains("has several pages; the first is taken", error);

        (code, _, error) = await Run("segment", scan + "#page=3", "--point", "20,20", "--out", _folder.File("none"));
        Assert.Equal(4, code);
        Assert.Contains("has no page 3 that can be read: there are 2 pages", error);

        (code, _, _) = await Run("segment", scan + "#page=1", scan + "#page=2", "--point", "20,20", "--quiet", "--out", _folder.File("both"));
        Assert.Equal(0, code);
        Assert.Equal(["scan.tif#page=1.json", "scan.tif#page=2.json"],
            Directory.GetFiles(_folder.File("both/results")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(0, (await Run("verify", _folder.File("both"))).Code);
        Assert.Equal(0,
            (await Run("segment", scan + "#page=1", scan + "#page=2", "--point", "20,20", "--quiet", "--out", _folder.File("both"), "--resume")).Code);
    }

    [Fact]
    public async Task Segment_Point_GivesSixLevelsFromLargestToSmallest()
    {
        var (code, output, error) = await Run("segment", Image, "--point", Middle(Image), "--json");
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        var masks = json.RootElement.GetProperty("annotations").EnumerateArray().ToArray();
        Assert.Equal(["scene", "group", "whole", "part", "subpart", "detail"], masks.Select(m => m.GetProperty("level").GetString()!));
        Assert.Equal([1, 2, 3, 4, 5, 6], masks.Select(m => m.GetProperty("level_index").GetInt32()));
        int[] areas = [.. masks.Select(m => m.GetProperty("area").GetInt32())];
        Assert.Equal(areas.Max(), areas[0]); // what levels below it draw may be empty on a drawing
    }

    [Fact]
    public async Task Segment_Json_HasTheDocumentedShape()
    {
        var (_, output, _) = await Run("segment", Image, "--point", Middle(Image), "--level", "part", "--json");
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.Equal(["image", "model", "seconds", "annotations"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(64, root.GetProperty("model").GetProperty("sha256").GetString()!.Length);
        var mask = Assert.Single(root.GetProperty("annotations").EnumerateArray());
        Assert.Equal(["id", "segmentation", "bbox", "area", "predicted_iou", "stability_score", "level", "level_index", "whole", "part", "parent", "prompt"],
            mask.EnumerateObject().Select(p => p.Name));
        int height = mask.GetProperty("segmentation").GetProperty("size")[0].GetInt32(),
            width = mask.GetProperty("segmentation").GetProperty("size")[1].GetInt32();
        Assert.Equal((root.GetProperty("image").GetProperty("height").GetInt32(), root.GetProperty("image").GetProperty("width").GetInt32()), (height, width));
        var rle = Rle.FromCompressedString(height, width, mask.GetProperty("segmentation").GetProperty("counts").GetString());
        Assert.Equal(rle.Area, mask.GetProperty("area").GetInt32());
        Assert.Equal([rle.BoxXywh.X, rle.BoxXywh.Y, rle.BoxXywh.Width, rle.BoxXywh.Height],
            mask.GetProperty("bbox").EnumerateArray().Select(v => v.GetInt32()));
    }

    /// <summary>How sure the image has to be is the caller's to say, on the command line and in a line of a file.</summary>
    [Fact]
    public async Task Segment_Presence_DecidesWhatCountsAsThere()
    {
        string image = Fixtures.OwnPath("wholepart/images/val/ccp_0034.jpg"); // shows one
        var (code, output, error) = await Run("segment", image, "--text", "person", "--presence", "1", "--json");
        Assert.True(code == 0, error);
        Assert.Empty(Annotations(output));
        Assert.Matches(@"'person' is not in this image \(presence 0\.\d+, below 1\)", error);
        (code, output, error) = await Run("segment", image, "--text", "person", "--presence", "0", "--json");
        Assert.True(code == 0, error);
        Assert.NotEmpty(Annotations(output));

        string prompts = _folder.File("prompts.jsonl");
        await File.WriteAllLinesAsync(prompts, new[] { 0, 1 }.Select(p =>
            $$"""{"image": {{JsonSerializer.Serialize(image)}}, "text": "person", "presence_threshold": {{p}}}"""));
        (code, output, error) = await Run("segment", "--prompts", prompts);
        Assert.True(code == 0, error);
        Assert.Equal([true, false], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => Annotations(l).Length > 0));

        (code, _, error) = await Run("segment", image, "--point", "5,5", "--presence", "0.5");
        Assert.Equal(2, code);
        Assert.Contains("--presence goes with --text.", error);

        static JsonElement[] Annotations(string json)
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.GetProperty("annotations").EnumerateArray().Select(a => a.Clone())];
        }
    }

    [Fact]
    public async Task Segment_Text_WritesOverlayAndJson()
    {
        string folder = _folder.File("out");
        var (code, output, error) = await Run("segment", Image, "--text", "person, car", "--out", folder);
        Assert.True(code == 0, error);
        Assert.All(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains("is not in this image", line));
        string name = Path.GetFileNameWithoutExtension(Image);
        var overlay = ImageDecoder.Decode(Path.Combine(folder, name + ".overlay.png"));
        Assert.Equal(ImageDecoder.Decode(Image).Width, overlay.Width);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".json")));
        foreach (var mask in json.RootElement.GetProperty("annotations").EnumerateArray())
            Assert.Contains(mask.GetProperty("whole").GetProperty("label").GetString(), new[] { "person", "car" });
        Assert.Contains("wrote", output);
    }

    [Fact]
    public async Task Segment_MixedPrompt_KeepsTheNegativePointOut()
    {
        var header = ImageDecoder.SizeOf(Image);
        string negative = $"{header.Width / 8},{header.Height / 8}";
        var (code, output, error) = await Run("segment", Image, "--point", Middle(Image), "--negative", negative,
            "--box", $"0,0,{header.Width},{header.Height}", "--text", "person", "--json");
        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        int[] areas = [.. json.RootElement.GetProperty("annotations").EnumerateArray().Select(m => m.GetProperty("area").GetInt32())];
        Assert.NotEmpty(areas);
        Assert.Equal(areas.OrderDescending(), areas);
    }

    [Fact]
    public async Task Segment_Mask_IsTakenAsASeed()
    {
        var header = ImageDecoder.SizeOf(Image);
        var seed = Rle.FromBox(header.Height, header.Width, new BoxI(header.Width / 4, header.Height / 4, header.Width * 3 / 4, header.Height * 3 / 4));
        string path = _folder.Write("seed.png", ImageEncoder.Png(seed));
        var (code, output, error) = await Run("segment", Image, "--mask", path, "--json");
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        Assert.NotEmpty(json.RootElement.GetProperty("annotations").EnumerateArray());
    }

    [Fact]
    public async Task Segment_Everything_KeepsToTheLevel()
    {
        var (code, output, error) = await Run("segment", Image, "--everything", "--level", "part", "--points-per-side", "6", "--json");
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        Assert.All(json.RootElement.GetProperty("annotations").EnumerateArray(), m => Assert.Equal("part", m.GetProperty("level").GetString()));
    }

    [Fact]
    public async Task Segment_PromptsFile_AnswersEachLineInOrderAndGoesOnAfterAFailure()
    {
        string name = Path.GetFileName(Image);
        File.Copy(Image, _folder.File(name));
        string prompts = _folder.File("prompts.jsonl");
        File.WriteAllLines(prompts,
        [
            $$"""{"image": "{{name}}", "points": [[40, 40, 1]], "levels": ["whole"]}""",
            """{"image": "missing.jpg", "points": [[1, 1, 1]]}""",
            "not json",
            $$"""{"image": "{{name}}", "points": [[-5, 40, 1]]}""",
            $$"""{"image": "{{name}}", "text": ["person"], "unknown": 1}""",
            """{"image": "\ud800"}""",
            $$"""{"image": "{{name}}", "box": [10, 10, 90, 90]}""",
        ]);
        var (code, output, _) = await Run("segment", "--prompts", prompts);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Equal(7, lines.Length);
        Assert.Equal([false, true, true, true, true, true, false], lines.Select(l => l.TryGetProperty("error", out _)));
        Assert.Equal("missing.jpg", lines[1].GetProperty("image").GetString());
        Assert.Contains("-5", lines[3].GetProperty("error").GetString());
        Assert.Contains("unknown", lines[4].GetProperty("error").GetString());
        Assert.Equal("whole", Assert.Single(lines[0].GetProperty("annotations").EnumerateArray()).GetProperty("level").GetString());
    }

    [Fact]
    public async Task Parts_Point_GivesTheThingFirst()
    {
        var (code, output, error) = await Run("parts", Image, "--point", Middle(Image), "--json");
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        int[] areas = [.. json.RootElement.GetProperty("annotations").EnumerateArray().Select(m => m.GetProperty("area").GetInt32())];
        Assert.NotEmpty(areas);
        Assert.All(areas, a => Assert.True(a <= areas[0]));
    }

    [Fact]
    public async Task Whole_Point_GivesMasksThatGrow()
    {
        var (code, output, error) = await Run("whole", Image, "--point", Middle(Image), "--json");
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        int[] areas = [.. json.RootElement.GetProperty("annotations").EnumerateArray().Select(m => m.GetProperty("area").GetInt32())];
        Assert.NotEmpty(areas);
        Assert.Equal(areas.Order(), areas);
    }

    [Theory]
    [InlineData("--text", "")]
    [InlineData("--text", " , ")]
    [InlineData("--point", "100000,5")]
    [InlineData("--point", "NaN,5")]
    [InlineData("--point", "-3,5")]
    [InlineData("--point", "5")]
    [InlineData("--box", "5,5,5,9")]
    [InlineData("--box", "5,5,1")]
    [InlineData("--level", "huge")]
    [InlineData("--mask", "missing.png")]
    [InlineData("--negative", "5,5")]
    [InlineData("--model", "missing-model")]
    [InlineData("--device", "tpu")]
    [InlineData("--threads", "0")]
    [InlineData("--presence", "1.5")]
    public async Task Segment_BadOption_GivesOneLineAndNoFile(string option, string value)
    {
        string folder = _folder.File("out");
        string[] arguments = ["segment", Image, option, value, "--out", folder];
        if (option is "--level" or "--model" or "--device" or "--threads") arguments = [.. arguments, "--point", "5,5"];
        var (code, output, error) = await Run(arguments);
        Assert.NotEqual(0, code);
        Assert.Equal("", output);
        Assert.StartsWith("semsam: ", error);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(!Directory.Exists(folder) || Directory.GetFileSystemEntries(folder).Length == 0);
    }

    [Theory]
    [InlineData("text.jpg", "not an image, just words")]
    [InlineData("empty.jpg", "")]
    public async Task Segment_BadImage_GivesOneLine(string name, string content)
    {
        string path = _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(content));
        var (code, _, error) = await Run("segment", path, "--point", "1,1", "--json");
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Segment_TruncatedImage_GivesOneLine()
    {
        byte[] bytes = File.ReadAllBytes(Image);
        string path = _folder.Write("cut.jpg", bytes[..(bytes.Length / 2)]);
        var (code, _, error) = await Run("segment", path, "--point", "1,1", "--json");
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Segment_OnePixel_SaysThereIsNothingToSegment()
    {
        string path = _folder.Write("dot.png", ImageEncoder.Png(new RgbImage(1, 1)));
        var (code, output, error) = await Run("segment", path, "--point", "0,0", "--text", "person", "--out", _folder.File("out"));
        Assert.Equal((ExitCodes.BadInput, ""), (code, output));
        Assert.Contains("1 x 1", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public async Task Segment_OneColumn_Works()
    {
        string path = _folder.Write("line.png", ImageEncoder.Png(new RgbImage(1, 40)));
        var (code, output, error) = await Run("segment", path, "--point", "0,20", "--json");
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(1, json.RootElement.GetProperty("image").GetProperty("width").GetInt32());
    }

    [Fact]
    public async Task Segment_OutputFolderIsAFile_SaysSoBeforeWorking()
    {
        string file = _folder.Write("taken", [1]);
        var (code, _, error) = await Run("segment", Image, "--point", "5,5", "--out", file);
        Assert.Equal(ExitCodes.CannotWrite, code);
        Assert.Contains("taken", error);
    }
}
