using System.Text.Json;
using System.Text.RegularExpressions;
using SemanticSam.Cli;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Verbs;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("semsam-evaluate-").FullName;

    private static string Data => Path.Combine(Fixtures.Own, "wholepart");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Evaluate_Json_HasEveryFigureBesideAGuess()
    {
        var (code, output, error) = await Run("--data", Data, "--json", "--quiet", "--protocol", "text,clicks");
        Assert.True(code == ExitCodes.Ok, error);
        JsonElement best = Figure(output, "click_best"), score = Figure(output, "click_by_score");
        Assert.InRange(best.GetProperty("value").GetDouble(), score.GetProperty("value").GetDouble(), 1);
        Assert.Equal(best.GetProperty("count").GetInt64(), score.GetProperty("count").GetInt64());
        Assert.InRange(best.GetProperty("constant").GetDouble(), 0.01, 1);
        Assert.True(best.GetProperty("value").GetDouble() > best.GetProperty("constant").GetDouble(),
            $"The embedded model's clicks are not better than discs: {best}.");
        Assert.Equal(1, Figure(output, "absent_answered").GetProperty("constant").GetDouble());
    }

    [Fact]
    public async Task Evaluate_NothingOfAKind_SaysNullNotAnInvalidNumber()
    {
        var (code, output, error) = await Run("--data", Data, "--json", "--quiet", "--images", "1", "--protocol", "text,instances,calibration");
        Assert.True(code == ExitCodes.Ok, error);
        Assert.Equal(1, JsonDocument.Parse(output).RootElement.GetProperty("images").GetInt32());
        var empty = Figures(output).Where(f => f.GetProperty("count").GetInt64() == 0).ToArray();
        Assert.All(empty, f => Assert.Equal(JsonValueKind.Null, f.GetProperty("value").ValueKind));
    }

    /// <summary>One image that is not there and one that is cut off do not cost the figures of the others.</summary>
    [Theory]
    [InlineData("clicks")]
    [InlineData("coco")]
    public async Task Evaluate_ImagesThatCannotBeRead_AreLeftOutAndCode1(string protocol)
    {
        string folder = Path.Combine(_folder, "images", "val");
        Directory.CreateDirectory(folder);
        foreach (string image in Directory.GetFiles(Path.Combine(Data, "images", "val"))) File.Copy(image, Path.Combine(folder, Path.GetFileName(image)));
        File.Copy(Path.Combine(Data, "annotations_val.json"), Path.Combine(_folder, "annotations_val.json"));
        File.Delete(Path.Combine(folder, "ccp_0034.jpg"));
        string cut = Path.Combine(folder, "ccp_0667.jpg");
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..4000]); // its header is whole
        var (code, output, error) = await Run("--data", _folder, "--json", "--protocol", protocol);
        Assert.True(code == ExitCodes.Failed, error);
        if (protocol == "clicks") Assert.Equal(3, JsonDocument.Parse(output).RootElement.GetProperty("images").GetInt32());
        Assert.Contains("ccp_0034.jpg: there is no such file; the image is left out.", error);
        Assert.Contains("ccp_0667.jpg", error);
        (code, _, error) = await Run("--data", _folder, "--json", "--protocol", protocol, "--strict");
        Assert.True(code == ExitCodes.BadInput, error);
        Assert.Matches("ccp_0(034|667).jpg", error);
    }

    [Fact]
    public async Task Evaluate_PageAndCalibration_AreWrittenWhole()
    {
        string page = Path.Combine(_folder, "page.html"), curves = Path.Combine(_folder, "inference.json");
        File.WriteAllText(curves, "{\"wholes\": [\"car\"]}");
        var (code, output, error) = await Run("--data", Data, "--protocol", "text,clicks", "--page", page, "--fit-calibration", curves);
        Assert.True(code == ExitCodes.Ok, error);
        Assert.Contains("1-click IoU", output);
        string html = File.ReadAllText(page);
        Assert.DoesNotMatch(new Regex("(src|href)=\"(?!data:)"), html); // nothing is taken from elsewhere
        Assert.Contains("data:image/jpeg;base64,", html);
        Assert.Contains("<polyline", html);
        var settings = JsonDocument.Parse(File.ReadAllText(curves)).RootElement;
        Assert.Equal("car", settings.GetProperty("wholes")[0].GetString());
        Assert.True(settings.GetProperty("calibration").GetProperty("predicted_iou").GetArrayLength() >= 2);
        Assert.InRange(settings.GetProperty("calibration").GetProperty("predicted_iou")[1].GetProperty("calibrated").GetDouble(), 0, 1);
        (code, _, error) = await Run("--data", Data, "--fit-calibration", curves);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("already", error);
    }

    [Fact]
    public async Task Evaluate_DetectionsInACocoFile_AreMeasuredAgainstIt()
    {
        string truth = Path.Combine(_folder, "truth.json"), found = Path.Combine(_folder, "found.json");
        File.WriteAllText(truth, """
            {"images": [{"id": 7, "file_name": "a.jpg", "width": 100, "height": 80}], "categories": [{"id": 3, "name": "car"}, {"id": 1, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0},
                             {"id": 2, "image_id": 7, "category_id": 1, "bbox": [50, 10, 40, 40], "area": 1600, "iscrowd": 0}]}
            """);
        File.WriteAllText(found,
            """
            [{"image_id": 7, "category_id": 3, "bbox": [10, 10, 20, 20], "score": 0.9},
             {"image_id": 7, "category_id": 1, "bbox": [50, 10, 40, 22], "score": 0.8}]
            """);
        var (code, output, error) = await Run("--annotations", truth, "--protocol", "coco", "--detections", found, "--json");
        Assert.True(code == ExitCodes.Ok, error);
        var figures = JsonDocument.Parse(output).RootElement.GetProperty("figures").EnumerateArray()
            .ToDictionary(f => f.GetProperty("id").GetString()!, f => f.GetProperty("value"));
        Assert.Equal(0.6, figures["box_ap"].GetDouble(), 9); // the car at all ten thresholds, the dog (IoU 0.55) at two
        Assert.Equal(1, figures["box_ap50"].GetDouble(), 9);
        Assert.False(figures.ContainsKey("mask_ap"));
        File.WriteAllText(found, """[{"image_id": 8, "category_id": 3, "bbox": [10, 10, 20, 20], "score": 0.9}]""");
        (code, _, error) = await Run("--annotations", truth, "--protocol", "coco", "--detections", found);
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("image_id 8", error);
    }

    [Theory]
    [InlineData("""{"image_id": 8, "category_id": 3, "bbox": [10, 10, 20, 20], "score": 0.9}""", ExitCodes.Failed, "image_id 8")] // left out
    [InlineData("""{"image_id": 7, "category_id": 9, "bbox": [10, 10, 20, 20], "score": 0.9}""", ExitCodes.Failed, "category_id 9")]
    [InlineData("""{"file_name": "a.jpg", "category_id": 3, "bbox": [10, 10, 20, 20], "score": 0.9}""", ExitCodes.Ok, "")]
    public async Task Evaluate_DetectionsThatAreLeftOut_AreCode1(string other, int expected, string said)
    {
        string truth = Path.Combine(_folder, "truth.json"), found = Path.Combine(_folder, "found.json");
        File.WriteAllText(truth, """
            {"images": [{"id": 7, "file_name": "a.jpg", "width": 100, "height": 80}], "categories": [{"id": 3, "name": "car"}],
             "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0}]}
            """);
        File.WriteAllText(found, $$"""[{"image_id": 7, "category_id": 3, "bbox": [10, 10, 20, 20], "score": 0.9}, {{other}}]""");
        var (code, output, error) = await Run("--annotations", truth, "--protocol", "coco", "--detections", found, "--json");
        Assert.True(code == expected, error);
        Assert.Contains(said, error);
        Assert.NotEmpty(output);
    }

    [Fact]
    public async Task Evaluate_AnnotationsThatAreLeftOut_AreCode1()
    {
        string truth = Path.Combine(_folder, "truth.json"), found = Path.Combine(_folder, "found.json");
        File.WriteAllText(truth, """
            {"images": [{"id": 7, "file_name": "a.jpg", "width": 100, "height": 80}], "categories": [{"id": 3, "name": "car"}],
             "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0},
                             {"id": 2, "image_id": 5, "category_id": 3, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0}]}
            """);
        File.WriteAllText(found, """[{"image_id": 7, "category_id": 3, "bbox": [10, 10, 20, 20], "score": 0.9}]""");
        var (code, output, error) = await Run("--annotations", truth, "--protocol", "coco", "--detections", found, "--json");
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("image_id 5 is not among the images", error);
        Assert.NotEmpty(output);
    }

    [Fact]
    public async Task Evaluate_NothingIsLeftOfASet_IsSaidAndNoTableOfNothing()
    {
        string truth = Path.Combine(_folder, "truth.json");
        File.WriteAllText(truth, """{"images": [{"id": 1, "file_name": "nowhere.jpg"}], "annotations": [], "categories": []}""");
        foreach (string protocol in new[] { "text", "coco" })
        {
            var (code, output, error) = await Run("--annotations", truth, "--protocol", protocol);
            Assert.Equal(ExitCodes.BadInput, code);
            Assert.Contains("there is nothing to measure", error);
            Assert.Empty(output);
        }
    }

    [Fact]
    public async Task Evaluate_FolderOfAFormatThatIsNotRead_SaysWhichItIs()
    {
        File.WriteAllText(Path.Combine(_folder, "a.xml"),
            "<annotation><filename>a.jpg</filename><object><name>car</name><bndbox><xmin>1</xmin></bndbox></object></annotation>");
        var (code, _, error) = await Run("--data", _folder);
        Assert.Equal(ExitCodes.BadInput, code);
        Assert.Contains("Pascal VOC, which has boxes alone", error);
    }

    [Fact]
    public async Task Evaluate_DetectionsOfAFolderOfAnyFormat_AreMeasured()
    {
        string images = Path.Combine(_folder, "images"), labels = Path.Combine(_folder, "labels");
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(labels);
        File.WriteAllBytes(Path.Combine(images, "a.png"), ImageEncoder.Png(new RgbImage(100, 80)));
        File.WriteAllText(Path.Combine(labels, "a.txt"), "0 0.1 0.125 0.3 0.125 0.3 0.375 0.1 0.375\n");
        File.WriteAllText(Path.Combine(_folder, "data.yaml"), "names: [car]\n");
        string found = Path.Combine(_folder, "found.json");
        File.WriteAllText(found, """[{"image_id": "a", "category_id": 0, "score": 0.9, "segmentation": [[10, 10, 31, 10, 31, 31, 10, 31]]}]""");
        var (code, output, error) = await Run("--data", _folder, "--protocol", "coco", "--detections", found, "--json", "--licenses", "all");
        Assert.True(code == ExitCodes.Ok, error);
        var figures = JsonDocument.Parse(output).RootElement.GetProperty("figures").EnumerateArray()
            .ToDictionary(f => f.GetProperty("id").GetString()!, f => f.GetProperty("value"));
        Assert.Equal(1, figures["mask_ap"].GetDouble(), 9);
        Assert.Equal(1, figures["box_ap"].GetDouble(), 9);
    }

    [Fact]
    public async Task Evaluate_PageOfDetections_ShowsTheWorstImagesFirst()
    {
        string images = Path.Combine(_folder, "images"), truth = Path.Combine(_folder, "truth.json"), found = Path.Combine(_folder, "found.json");
        string page = Path.Combine(_folder, "page.html");
        File.WriteAllText(truth, """
            {"images": [{"id": 1, "file_name": "good.png", "width": 100, "height": 80}, {"id": 2, "file_name": "bad.png", "width": 100, "height": 80}],
             "categories": [{"id": 3, "name": "car"}, {"id": 4, "name": "dog"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0},
                             {"id": 2, "image_id": 2, "category_id": 3, "bbox": [50, 10, 40, 40], "area": 1600, "iscrowd": 0},
                             {"id": 3, "image_id": 2, "category_id": 3, "bbox": [10, 10, 20, 20], "area": 400, "iscrowd": 0}]}
            """);
        File.WriteAllText(found, """
            [{"image_id": 1, "category_id": 3, "bbox": [10, 10, 20, 20], "score": 0.9}, {"image_id": 1, "category_id": 4, "bbox": [60, 10, 9, 9], "score": 0.2},
             {"image_id": 2, "category_id": 3, "bbox": [50, 10, 40, 30], "score": 0.8}, {"image_id": 2, "category_id": 4, "bbox": [60, 10, 9, 9], "score": 0.7}]
            """);
        string[] words = ["--annotations", truth, "--protocol", "coco", "--detections", found, "--page", page];
        var (code, _, error) = await Run(words);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("--image-folder", error);
        Assert.False(File.Exists(page));
        Directory.CreateDirectory(images);
        foreach (string name in new[] { "good.png", "bad.png" })
            File.WriteAllBytes(Path.Combine(images, name), ImageEncoder.Png(new RgbImage(100, 80)));
        (code, _, error) = await Run(words);
        Assert.True(code == ExitCodes.Ok, error);
        string html = File.ReadAllText(page);
        Assert.DoesNotMatch(new Regex("(src|href)=\"(?!data:)"), html);
        int all = html.IndexOf("<h3>All classes", StringComparison.Ordinal);
        // bad.png: one car of two with an IoU of 0.75, and a dog that is none: 2 * 0.75 / (2 + 2).
        int bad = html.IndexOf("car 1 of 2; dog 0 of 0, 1 wrong. Quality 0.38. <small>bad.png", StringComparison.Ordinal);
        int good = html.IndexOf("car 1 of 1. Quality 1.00. <small>good.png", StringComparison.Ordinal);
        Assert.True(0 < all && all < bad && bad < good, $"At {all}, {bad} and {good}.");
        Assert.Contains("<h3>dog", html);
        Assert.Equal(2 * 5, Regex.Count(html, "data:image/jpeg;base64,")); // two images of all classes and of cars, one of dogs
        Assert.Contains("box AP50", html);
    }

    [Theory]
    [InlineData("--images 0", "--data", "x", "--images", "0")]
    [InlineData("--protocol pq", "--data", "x", "--protocol", "pq")]
    [InlineData("--data FOLDER, or --annotations", "--images", "1")]
    [InlineData("goes alone", "--annotations", "x", "--protocol", "coco,text")]
    [InlineData("--fit-calibration is made by the other protocols", "--annotations", "x", "--protocol", "coco", "--fit-calibration", "y")]
    [InlineData("by --protocol coco alone", "--annotations", "x", "--detections", "y")]
    public async Task Evaluate_BadArguments_SayWhatIsAllowed(string message, params string[] arguments)
    {
        var (code, _, error) = await Run(arguments);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(message, error);
    }

    private static IEnumerable<JsonElement> Figures(string output) =>
        JsonDocument.Parse(output).RootElement.GetProperty("protocols").EnumerateArray().SelectMany(p => p.GetProperty("figures").EnumerateArray());

    private static JsonElement Figure(string output, string id) => Figures(output).Single(f => f.GetProperty("id").GetString() == id);

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(["evaluate", .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
