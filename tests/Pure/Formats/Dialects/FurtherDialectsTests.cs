using System.Text;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Exports as public threads show them.</summary>
public sealed class FurtherDialectsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        return _folder.Write(name, Encoding.UTF8.GetBytes(text));
    }

    private static (List<AnnotatedImage> Images, List<string> Problems) Read(string path)
    {
        var problems = new List<string>();
        using var reader = AnnotationFiles.Open(path, options: new() { Problem = p => problems.Add(p.ToString()) });
        return ([.. reader.Read()], problems);
    }

    [Fact]
    public void GroundedSam2_Results_AreReadWithNamesAndScores()
    {
        string path = Write("truck.json", """
            {"image_path": "notebooks/images/truck.jpg", "annotations": [
              {"class_name": "car", "bbox": [2.0, 2.0, 5.0, 6.0], "segmentation": {"size": [10, 20], "counts": "f046000d4"}, "score": [0.97]},
              {"class_name": "tire", "bbox": [2.0, 2.0, 5.0, 6.0], "segmentation": {"size": [10, 20], "counts": "f046000d4"}, "score": 0.5}],
             "box_format": "xyxy", "img_width": 20, "img_height": 10}
            """);
        var (images, problems) = Read(path);
        var image = Assert.Single(images);
        Assert.Equal(("notebooks/images/truck.jpg", 20, 10), (image.FileName, image.Width, image.Height));
        Assert.Equal([("car", 0.97f, 12), ("tire", 0.5f, 12)], image.Annotations.Select(a => (a.Category!, a.Score!.Value, a.Mask.Area)));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("\"[[2,2,8,2,8,6,2,6]]\"", 24, "a text that holds JSON")]
    [InlineData("\"{\\\"size\\\": [10, 20], \\\"counts\\\": \\\"f046000d4\\\"}\"", 12, "a text that holds JSON")]
    [InlineData("\"(2, 2)\"", 24, "the box is its mask")]
    [InlineData("\"7\"", 24, "the box is its mask")]
    [InlineData("\"1}, {\"", 24, "the box is its mask")]
    public void Coco_SegmentationAsText_IsReadOrItsBoxIs(string segmentation, int area, string said)
    {
        var (images, problems) = Read(Write("in.json", $$"""
            {"images": [{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}], "categories": [{"id": 1, "name": "cat"}],
             "annotations": [{"id": 3, "image_id": 1, "category_id": 1, "segmentation": {{segmentation}}, "bbox": [2, 2, 6, 4]}]}
            """));
        Assert.Equal(area, Assert.Single(images[0].Annotations).Mask.Area);
        Assert.Contains(said, Assert.Single(problems));
    }

    [Theory]
    [InlineData("[2, 3]", "0 0.5 0.5 0.2 0.4 0.5 0.5 2 0.5 0.5 2", 400)]
    [InlineData("[2, 3]", "0 0.5 0.5 0.2 0.4 0.5 0.5 2 0.5 0.5 2 0.9", 400)]
    [InlineData("[2, 3]", "0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8", 41 * 31)]
    [InlineData("[2, 3]", "0 0.5 0.5 0.2 0.4", 400)]
    [InlineData("unknown", "0 0.5 0.5 0.2 0.4 0.5 0.5 2", 400)]
    [InlineData("[2, {a: b}]", "0 0.5 0.5 0.2 0.4 0.5 0.5 2", 400)]
    public void Yolo_KeyPoints_AreThoseThatTheSetHas(string shape, string line, int area)
    {
        Write("set/data.yaml", $"kpt_shape: {shape}\nnames: [cat]\n");
        Write("set/labels/a.txt", line);
        Directory.CreateDirectory(_folder.File("set/images"));
        _folder.Write("set/images/a.png", ImageEncoder.Png(new RgbImage(100, 50)));
        var (images, _) = Read(_folder.File("set"));
        Assert.Equal(area, Assert.Single(Assert.Single(images).Annotations).Mask.Area);
    }

    /// <summary>Names that lists of images and of classes have, too.</summary>
    [Theory]
    [InlineData("train")]
    [InlineData("test")]
    [InlineData("labels")]
    [InlineData("Readme")]
    public void Yolo_ImageCalledAsAList_KeepsItsLabels(string name)
    {
        Write("set/data.yaml", "names: [cat]\n");
        Write($"set/labels/{name}.txt", "0 0.5 0.5 0.2 0.4\n");
        Write("set/train.txt", "images/a.png\n");
        Directory.CreateDirectory(_folder.File("set/images"));
        _folder.Write($"set/images/{name}.png", ImageEncoder.Png(new RgbImage(100, 50)));
        var (images, problems) = Read(_folder.File("set"));
        Assert.Equal(400, Assert.Single(Assert.Single(images).Annotations).Mask.Area);
        Assert.Empty(problems);
    }

    [Fact]
    public void Yolo_LineThatIsTooLong_IsSaidAsThat()
    {
        Write("set/data.yaml", "names: [cat]\n");
        Write("set/labels/a.txt", "0 0.5 0.5 0.2 0.4\n" + new string('9', (16 << 20) + 1) + "\n");
        Directory.CreateDirectory(_folder.File("set/images"));
        _folder.Write("set/images/a.png", ImageEncoder.Png(new RgbImage(100, 50)));
        var (images, problems) = Read(_folder.File("set"));
        Assert.Single(images[0].Annotations);
        Assert.Equal("a.txt: line 2: it has more than 16777216 characters; left out.", Assert.Single(problems));
    }

    [Fact]
    public void Supervisely_IsNamed() => Assert.Contains("Supervisely", Assert.Throws<AnnotationFileException>(() => Read(Write("in.json",
        """{"description": "", "tags": [], "size": {"height": 40, "width": 60}, "objects": [{"id": 1, "geometryType": "polygon", "classTitle": "cat"}]}"""))).Message);
}
