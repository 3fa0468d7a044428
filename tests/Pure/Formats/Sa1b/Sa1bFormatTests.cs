using System.Text;
using System.Text.Json;
using CsCheck;
using SemanticSam.Formats;
using SemanticSam.Formats.Results;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Sa1b;

public sealed class Sa1bFormatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>As the published files are laid out.</summary>
    private const string Published = """
        {"image": {"image_id": 123, "width": 9, "height": 7, "file_name": "sa_123.jpg"},
         "annotations": [{"bbox": [0.0, 0.0, 8.0, 6.0], "area": 63, "segmentation": {"size": [7, 9], "counts": "0o1"}, "predicted_iou": 0.9123,
           "point_coords": [[4.5, 3.25]], "crop_box": [0.0, 0.0, 9.0, 7.0], "id": 536, "stability_score": 0.97}]}
        """;

    [Fact]
    public void Read_PublishedLayout_TakesEveryField()
    {
        using var reader = AnnotationFiles.Open(_folder.Write("sa_123.json", Encoding.UTF8.GetBytes(Published)));
        var image = Assert.Single(reader.Read());
        Assert.Equal(("sa_123.jpg", 123L, 9, 7), (image.FileName, image.Id, image.Width, image.Height));
        Assert.Equal(new Annotation
        {
            Mask = Rle.Full(7, 9), Id = 536, PredictedIou = 0.9123f, StabilityScore = 0.97f, Point = (4.5, 3.25), CropBox = (0, 0, 9, 7),
        }, Assert.Single(image.Annotations));
    }

    [Fact]
    public void WriteThenRead_AnySet_KeepsWhatTheFormatHas() => FormatSamples.Set.Sample(set =>
    {
        string folder = _folder.File(Guid.NewGuid().ToString("N"));
        var (back, _) = FormatSamples.ThereAndBack(set, folder, AnnotationFormat.Sa1b);
        FormatSamples.AssertSame([.. set.OrderBy(p => Path.ChangeExtension(p.FileName, null), StringComparer.Ordinal)],
            [.. back.OrderBy(p => Path.ChangeExtension(p.FileName, null), StringComparer.Ordinal)],
            a => new()
            {
                Mask = a.Mask, Id = a.Id, PredictedIou = a.PredictedIou, StabilityScore = a.StabilityScore, Point = a.Point,
                CropBox = a.CropBox ?? (0, 0, a.Mask.Width, a.Mask.Height),
            },
            p => p with { Source = null, License = null });
    }, iter: 50);

    [Fact]
    public void Write_Box_IsInclusiveAsSamsIs()
    {
        using var writer = AnnotationFiles.Create(_folder.Path, AnnotationFormat.Sa1b);
        writer.Write(new() { FileName = "p.jpg", Width = 9, Height = 7, Annotations = [new() { Mask = Rle.FromBox(7, 9, new(2, 1, 6, 4)) }] });
        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.File("p.json")));
        Assert.Equal([2, 1, 3, 2], json.RootElement.GetProperty("annotations")[0].GetProperty("bbox").EnumerateArray().Select(v => v.GetDouble()));
    }

    [Theory]
    [InlineData("../../x.jpg")]
    [InlineData("/etc/x.jpg")]
    [InlineData("a/../../x.jpg")]
    [InlineData("c:\\x.jpg")]
    [InlineData("..\\x.jpg")]
    [InlineData("")]
    [InlineData("a\0b.jpg")]
    public void Write_NameThatLeavesTheFolder_IsRefused(string name)
    {
        string folder = _folder.File("inner");
        using var writer = AnnotationFiles.Create(folder, AnnotationFormat.Sa1b);
        Assert.Contains("is not a path below a folder",
            Assert.Throws<AnnotationFileException>(() => writer.Write(new() { FileName = name, Width = 9, Height = 7 })).Message);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void Write_TwoImagesOfOneStem_GetTwoFiles()
    {
        using var writer = AnnotationFiles.Create(_folder.Path, AnnotationFormat.Sa1b);
        foreach (string name in (string[])["p.jpg", "p.png", "P.jpg"]) writer.Write(new() { FileName = name, Width = 9, Height = 7 });
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public void Read_EnginesOwnJson_GivesWhatTheResultsSaid()
    {
        var model = new ModelIdentity("tiny", new string('0', 64));
        MaskResult[] results =
        [
            new()
            {
                Mask = Rle.FromBox(20, 30, new(2, 3, 20, 15)), PredictedIou = 0.75f, StabilityScore = 0.5f, Level = GranularityLevel.Whole,
                Whole = new("car", 0.875f), Prompt = 0,
            },
            new()
            {
                Mask = Rle.FromBox(20, 30, new(4, 5, 7, 8)), PredictedIou = 0.25f, StabilityScore = float.NaN, Level = GranularityLevel.Subpart,
                Whole = new("car", 0.5f), Part = new("wheel", 0.125f), Parent = 0, Point = (4.5, 6),
            },
            new() { Mask = Rle.FromBox(20, 30, new(0, 0, 1, 1)), PredictedIou = 0.25f, StabilityScore = 1 },
        ];
        string text = ResultJson.ToText("a b.jpg", 30, 20, model, default, results);
        var expected = AnnotatedImage.From("a b.jpg", 30, 20, results);
        using var reader = AnnotationFiles.Open(_folder.Write("r.json", Encoding.UTF8.GetBytes(text)));
        FormatSamples.AssertSame([expected], [.. reader.Read()]);
        var problems = new List<FormatProblem>();
        using var lines = AnnotationFiles.Open(_folder.Write("r.jsonl",
            Encoding.UTF8.GetBytes(text + "\n{\"image\": \"b.jpg\", \"error\": \"no such file\"}\n\n" + text)), null, new() { Problem = problems.Add });
        FormatSamples.AssertSame([expected, expected], [.. lines.Read()]);
        Assert.Contains("line 2: this image failed: no such file", Assert.Single(problems).ToString());
    }
}
