using System.Text.Json;
using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Training.Data;
using SemanticSam.Training.Runs;

namespace SemanticSam.Tests.Training.Runs;

public sealed class TrainingRecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("semsam-record-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Of_Data_ListsImagesAndTerms()
    {
        var (record, list) = Of([Image("b.jpg", "MIT", "cats"), Image("a.jpg", "MIT", "cats"), Image("c.jpg", "CC-BY-4.0", "dogs")]);
        Assert.Equal(3, record.Images);
        Assert.Equal([("cats", "MIT", 2), ("dogs", "CC-BY-4.0", 1)], record.Licenses.Select(l => (l.Source, l.License, l.Images)));
        Assert.Equal("says so", record.Licenses[0].Statement);
        string[] lines = list.TrimEnd('\n').Split('\n');
        Assert.Equal(["a.jpg", "b.jpg", "c.jpg"], lines.Select(l => l.Split('\t')[0]));
        Assert.Equal("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", lines[0].Split('\t')[1]); // SHA-256 of "a"
    }

    [Fact]
    public void DataSha256_OtherPixelsOrAnnotations_Differs()
    {
        string first = Of([Image("a.jpg", "MIT", "cats")]).Record.DataSha256;
        Assert.Equal(first, Of([Image("a.jpg", "MIT", "cats")]).Record.DataSha256);
        var moved = Image("a.jpg", "MIT", "cats");
        moved = moved with { Annotations = [moved.Annotations[0] with { Mask = Rle.FromBox(4, 4, new(1, 1, 3, 3)) }] };
        Assert.NotEqual(first, Of([moved]).Record.DataSha256);
        File.WriteAllText(moved.Path!, "other pixels");
        Assert.NotEqual(first, Of([Image("a.jpg", "MIT", "cats", write: false)]).Record.DataSha256);
    }

    [Fact]
    public void Write_SeveralTurns_AddsUpHoursAndKeepsMachines()
    {
        var record = Of([Image("a.jpg", "MIT", "cats")]).Record;
        File.WriteAllLines(Path.Combine(_folder, "metrics.jsonl"), ["{\"step\": 20, \"seconds\": 1800}", "{\"step\": 40, \"seconds\": 5400}",
            "{\"step\": 60, \"sec"]);
        record.Write(_folder, 20, "cpu");
        record.Write(_folder, 40, "cpu");
        record.Write(_folder, 60, "cuda");
        var written = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, TrainingRecord.File))).RootElement;
        Assert.Equal(60, written.GetProperty("steps").GetInt64());
        Assert.Equal(2, written.GetProperty("hours").GetDouble());
        Assert.Equal(["cpu", "cuda"], written.GetProperty("machines").EnumerateArray().Select(m => m.GetString()!.Split(':')[0]));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"machines\":[\"\\ud800\"]}")]
    [InlineData("{\"images\":1}")]
    [InlineData("{")]
    public void TryRead_SomethingElse_IsNoRecordAndIsReplaced(string other)
    {
        File.WriteAllText(Path.Combine(_folder, TrainingRecord.File), other);
        Assert.Null(TrainingRecord.TryRead(_folder));
        var record = Of([Image("a.jpg", "MIT", "cats")]).Record;
        record.Write(_folder, 20, "cpu");
        var read = TrainingRecord.TryRead(_folder)!;
        Assert.Equal((1, 1, record.DataSha256), (read.Images, read.Annotations, read.DataSha256));
    }

    [Fact]
    public void PermissiveClasses_AskedByOneWord_LeaveOutWhatIsNotStated()
    {
        var filter = DatasetFilter.Of(["permissive", "cite"]);
        Assert.All(new[] { "MIT", "Apache-2.0", "CC-BY-4.0", "public-domain", "COCO-upstream", "BSD", "cite" }, l =>
            Assert.True(filter.Takes(Image("a.jpg", l, "s")), l));
        Assert.All(new[] { "not stated", "research", "research-upstream" }, l => Assert.False(filter.Takes(Image("a.jpg", l, "s")), l));
        Assert.False(filter.Takes(Image("a.jpg", "MIT", "s") with { License = null }));
    }

    private static (TrainingRecord Record, string List) Of(IReadOnlyList<AnnotatedImage> images) =>
        TrainingRecord.Of("nano", new Dictionary<string, string>(), new Dictionary<string, string>(), images);

    private AnnotatedImage Image(string name, string license, string source, bool write = true)
    {
        string path = Path.Combine(_folder, name);
        if (write) File.WriteAllText(path, name[..1]);
        return new()
        {
            FileName = name, Path = path, Width = 4, Height = 4, Source = source, License = new(license, Statement: "says so"),
            Annotations = [new() { Mask = Rle.FromBox(4, 4, new(0, 0, 2, 2)), Whole = new("cat"), Role = AnnotationRole.Whole }],
        };
    }
}
