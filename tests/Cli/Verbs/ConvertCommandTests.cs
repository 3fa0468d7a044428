using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Verbs;

public sealed class ConvertCommandTests : IDisposable
{
    private static readonly string Coco = Path.Combine(Fixtures.Own, "wholepart", "annotations_val.json"),
        Images = Path.Combine(Fixtures.Own, "wholepart", "images", "val");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static List<AnnotatedImage> Read(string path, string? images = null)
    {
        using var reader = AnnotationFiles.Open(path, null, new() { Images = images });
        return [.. reader.Read().OrderBy(p => p.FileName, StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("sa1b")]
    [InlineData("labelme")]
    [InlineData("cvat")]
    [InlineData("mask-png")]
    [InlineData("coco")]
    public async Task Convert_RealSetToAnyFormat_KeepsEveryMaskAndId(string format)
    {
        string path = _folder.File(format);
        var (code, output, error) = await Run("convert", Coco, "--to", format, "--out", path);
        Assert.Equal((0, ""), (code, error));
        var expected = Read(Coco);
        Assert.Contains($"wrote {expected.Count} images, {expected.Sum(p => p.Annotations.Count)} masks as {format} to {path}", output);
        var actual = Read(path);
        Assert.Equal(expected.Select(p => (p.FileName, p.Width, p.Height)), actual.Select(p => (p.FileName, p.Width, p.Height)));
        Assert.Equal(expected.SelectMany(p => p.Annotations).Select(a => (a.Id, a.Mask)), actual.SelectMany(p => p.Annotations).Select(a => (a.Id, a.Mask)));
        if (format != "sa1b") Assert.Equal(expected.SelectMany(p => p.Annotations), actual.SelectMany(p => p.Annotations));
    }

    /// <summary>A folder that is misspelled would be passed over without a word.</summary>
    [Fact]
    public async Task Convert_ImagesThatAreNoFolder_AreRefused()
    {
        foreach (string images in new[] { _folder.File("none"), Coco })
        {
            var (code, _, error) = await Run("convert", Coco, "--images", images, "--to", "coco", "--out", _folder.File("o.json"));
            Assert.Equal(ExitCodes.BadInput, code);
            Assert.Contains("there is no folder", error);
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [SkippableFact]
    public async Task Convert_FolderBelowThatCannotBeRead_IsNamedAndEndsWithOne()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a name that is no UTF-8");
        string set = _folder.File("labelme");
        Assert.Equal(0, (await Run("convert", Coco, "--to", "labelme", "--out", set)).Code);
        NamelessFolder.In(set, Directory.GetFiles(set, "*.json", SearchOption.AllDirectories)[0]);
        try
        {
            var (code, output, error) = await Run("convert", set, "--to", "coco", "--out", _folder.File("o.json"));
            Assert.Equal(ExitCodes.Failed, code);
            Assert.Contains($"the folder '{NamelessFolder.Listed}' cannot be read", error);
            Assert.Contains($"wrote {Read(Coco).Count} images", output);
        }
        finally
        {
            NamelessFolder.RemoveFrom(set);
        }
    }

    [Fact]
    public async Task Convert_ToYoloAndBack_KeepsClassIndicesAndNames()
    {
        var (code, output, _) = await Run("convert", Coco, "--to", "yolo", "--out", _folder.File("yolo"), "--split-islands");
        Assert.Equal(0, code);
        Assert.DoesNotContain("do not come back", output);
        (code, _, string error) = await Run("convert", _folder.File("yolo"), "--images", Images, "--to", "coco", "--out", _folder.File("back.json"));
        Assert.Equal((0, ""), (code, error));
        var names = Read(Coco).SelectMany(p => p.Annotations).Select(a => a.FullName).ToHashSet();
        Assert.Equal(names, Read(_folder.File("back.json")).SelectMany(p => p.Annotations).Select(a => a.Category).ToHashSet());
        // Once more into the same folder: the classes that are there keep their indices.
        string yaml = File.ReadAllText(_folder.File("yolo/data.yaml"));
        Assert.Equal(0, (await Run("convert", Coco, "--to", "yolo", "--out", _folder.File("yolo"))).Code);
        Assert.Equal(yaml, File.ReadAllText(_folder.File("yolo/data.yaml")));
    }

    [Fact]
    public async Task Convert_BadAnnotations_AreSaidAndTheRestIsWritten()
    {
        string bad = File.ReadAllText(Coco).Replace("\"category_id\":", "\"category_id\": 99999, \"x\":");
        string one = _folder.Write("bad.json", System.Text.Encoding.UTF8.GetBytes(bad));
        var (code, output, error) = await Run("convert", one, "--to", "sa1b", "--out", _folder.File("out"));
        Assert.Equal(0, code); // nothing is lost
        Assert.Contains("semsam: bad.json: annotation ", error);
        Assert.Contains("category_id 99999 is not among the categories; it is called '99999'", error);
        Assert.Contains("repaired, see above", output);
        (code, output, error) = await Run("convert", one, "--to", "sa1b", "--out", _folder.File("strict"), "--strict");
        Assert.Equal((ExitCodes.BadInput, ""), (code, output));
        Assert.Contains("category_id 99999 is not among the categories.", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    private string Write(string name, string text) => _folder.Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    [Fact]
    public async Task Convert_FiveThousandProblems_AreSaidInFewLinesAndAllInAFile()
    {
        string annotations = string.Join(",\n", Enumerable.Range(1, 5000).Select(i =>
        {
            string segmentation = (i % 4) switch { 0 => $"[[{i}, 1, 2]]", 1 => "[]", 2 => "{\"size\": [3, 3], \"counts\": \"0\"}",
                _ => "[[1, NaN, 2, 2, 3, 3]]" };
            return $"{{\"id\": {i}, \"image_id\": {(i % 5 == 0 ? 9 : 1)}, \"category_id\": {i}, \"segmentation\": {segmentation}}}";
        }));
        string input = Write("in.json", $"{{\"images\": [{{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 20, \"height\": 10}}], \"annotations\": " +
            $"[{annotations}], \"categories\": [{{\"id\": 1, \"name\": \"cat\"}}]}}");
        var (code, output, error) = await Run("convert", input, "--to", "coco", "--out", _folder.File("o.json"));
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ExitCodes.Failed, code);
        Assert.InRange(lines.Length + output.Split('\n').Length, 10, 39);
        Assert.Contains(lines, l => l.StartsWith("semsam: ... and ", StringComparison.Ordinal));
        Assert.Contains($"are in {_folder.File("o.json")}.problems.txt", lines[^1]);
        Assert.InRange(File.ReadAllLines(_folder.File("o.json.problems.txt")).Length, 5000, 10_000);
        Assert.DoesNotContain("LineNumber", error);
    }

    [Fact]
    public async Task Convert_Names_NumberClassesInEverySplit()
    {
        const string shapes = "\"points\": [[1, 1], [9, 1], [9, 9]]";
        Write("train/a.json", $"{{\"shapes\": [{{\"label\": \"pear\", {shapes}}}, {{\"label\": \"kiwi\", {shapes}}}], \"imagePath\": \"a.jpg\", " +
            $"\"imageHeight\": 20, \"imageWidth\": 20}}");
        Write("val/b.json", $"{{\"shapes\": [{{\"label\": \"apple\", {shapes}}}], \"imagePath\": \"b.jpg\", \"imageHeight\": 20, \"imageWidth\": 20}}");
        string names = Write("names.txt", "zebra\r\napple\r\npear\r\n");
        foreach (string split in (string[])["train", "val"])
            Assert.Equal((0, ""), (await Run("convert", _folder.File(split), "--to", "yolo", "--names", names, "--out", _folder.File("y_" + split))) is var (
                code, _, error) ? (code, error) : default);
        Assert.Equal(["2", "3"], File.ReadAllLines(_folder.File("y_train/labels/a.txt")).Select(l => l[..1]));
        Assert.Equal(["1"], File.ReadAllLines(_folder.File("y_val/labels/b.txt")).Select(l => l[..1]));
        Assert.Contains("0: \"zebra\"\n  1: \"apple\"\n  2: \"pear\"\n  3: \"kiwi\"", File.ReadAllText(_folder.File("y_train/data.yaml")));
    }

    [Fact]
    public async Task Convert_JsonWithQuiet_PrintsTheJson()
    {
        var (code, output, error) = await Run("convert", Coco, "--to", "coco", "--out", _folder.File("o.json"), "--json", "--quiet");
        using var json = JsonDocument.Parse(output);
        Assert.Equal((0, "", Read(Coco).Count), (code, error, json.RootElement.GetProperty("images").GetInt32()));
        Assert.Equal(0, json.RootElement.GetProperty("left_out").GetInt32());
        (code, _, error) = await Run("convert", Coco, "--to", "coco", "--out", _folder.File("o.json"), "--encoding", "klingon");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("--encoding klingon", error);
    }

    [Theory]
    [InlineData(ExitCodes.Usage, "--to", "pascal", "there are coco, sa1b")]
    [InlineData(ExitCodes.Usage, "--to", "result", "can only be read")]
    [InlineData(ExitCodes.Usage, "--from", "cutout", "can only be written")]
    [InlineData(ExitCodes.Usage, "--tolerance", "-1", "0 to 1000 pixels")]
    [InlineData(ExitCodes.Usage, "--rule", "round", "center and inclusive")]
    [InlineData(ExitCodes.Usage, "--masks", "voxels", "pixels and polygons")]
    [InlineData(ExitCodes.BadInput, "--from", "cvat", "not valid XML")]
    public async Task Convert_BadOption_IsOneLine(int expected, string option, string value, string message)
    {
        string[] to = option == "--to" ? [] : ["--to", "coco"];
        var (code, output, error) = await Run(["convert", Coco, .. to, "--out", _folder.File("x"), option, value]);
        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(message, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.False(Path.Exists(_folder.File("x")));
    }

    [Fact]
    public async Task Convert_MissingInputOrUnwritableOutput_HasItsExitCode()
    {
        Assert.Equal(ExitCodes.BadInput, (await Run("convert", _folder.File("missing"), "--to", "coco", "--out", _folder.File("x"))).Code);
        Assert.Equal(ExitCodes.CannotWrite, (await Run("convert", Coco, "--to", "coco", "--out", _folder.Path)).Code);
        string file = _folder.Write("file", [1]);
        Assert.Equal(ExitCodes.CannotWrite, (await Run("convert", Coco, "--to", "sa1b", "--out", file)).Code);
        Assert.Equal(ExitCodes.Usage, (await Run("convert", Coco, "--to", "coco", "--out", Coco)).Code);
    }

    [Fact]
    public async Task Segment_Format_WritesEveryFormatOfTheSameMasks()
    {
        string image = Directory.GetFiles(Images, "*.jpg").Order(StringComparer.Ordinal).First(), name = Path.GetFileNameWithoutExtension(image),
            folder = _folder.File("out");
        var (width, height) = ImageDecoder.SizeOf(image);
        var (code, _, error) = await Run("segment", image, "--point", $"{width / 2},{height / 2}", "--out", folder, "--format", "coco,sa1b,labelme,yolo",
            "--format", "cvat", "--format", "index-png,mask-png,cutout");
        Assert.Equal(0, code);
        using var reader = AnnotationFiles.Open(Path.Combine(folder, name + ".json"));
        var result = Assert.Single(reader.Read());
        Assert.Equal(6, result.Annotations.Count);
        var kept = result.Annotations.Where(a => !a.Mask.IsEmpty).ToList();
        foreach (string path in (string[])[$"{name}.coco.json", $"{name}.cvat.xml", $"labelme/{name}.json", $"mask-png/{name}/masks.json"])
            Assert.Equal(result.Annotations, Assert.Single(Read(Path.Combine(folder, path))).Annotations);
        Assert.Equal(result.Annotations.Select(a => a.Mask), Assert.Single(Read(Path.Combine(folder, "sa1b"))).Annotations.Select(a => a.Mask));
        Assert.Equal(kept.Count, File.ReadAllLines(Path.Combine(folder, "yolo", "labels", name + ".txt")).Length);
        Assert.Equal(kept.Count, Directory.GetFiles(Path.Combine(folder, "cutout", name)).Length);
        Assert.True(File.Exists(Path.Combine(folder, "index-png", name + ".png")));
        Assert.Contains("--format", (await Run("segment", image, "--point", "5,5", "--json", "--format", "coco")).Error);
        Assert.Contains("'jpeg' cannot be written", (await Run("segment", image, "--point", "5,5", "--format", "jpeg")).Error);
    }

    [Fact]
    public async Task Segment_FormatOfABatch_HoldsAllImages()
    {
        string folder = _folder.File("out");
        var (code, _, error) = await Run("segment", Images, "--point", "20,20", "--level", "whole", "--out", folder, "--format", "coco,cutout", "--quiet");
        Assert.True(code == 0, error);
        int images = Directory.GetFiles(Images, "*.jpg").Length;
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "coco.json")));
        Assert.Equal(images, json.RootElement.GetProperty("images").GetArrayLength());
        Assert.Equal(images, json.RootElement.GetProperty("annotations").GetArrayLength());
        Assert.InRange(Directory.GetFiles(Path.Combine(folder, "cutout"), "*.png", SearchOption.AllDirectories).Length, 1, images);
    }
}
