using System.Text.Json;
using SemanticSam.Formats;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Names of classes that differ in blanks alone are one class, in every format; it is said once where that joins two.</summary>
public sealed class NameBlanksTests : DialectFolder
{
    private const string Said = "the names 'cat ' and 'cat' differ in blanks alone; they are one class.";

    [Theory]
    [InlineData("cat", "cat")]
    [InlineData(" cat\t", "cat")]
    [InlineData("traffic  light", "traffic light")]
    [InlineData("traffic\u00A0light\r\n", "traffic light")]
    [InlineData("\uFEFFcat", "cat")]
    [InlineData("Cat", "Cat")]
    [InlineData(" \t ", "")]
    public void Tidy_Blanks_AreJoined(string name, string tidy) => Assert.Equal(tidy, NameBlanks.Tidy(name));

    [Fact]
    public void Coco_Categories_AreOneClass()
    {
        string path = Write("in.json", """
            {"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6]]},
              {"id": 2, "image_id": 1, "category_id": 2, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6]]},
              {"id": 3, "image_id": 1, "category_id": 3, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6]]},
              {"id": 4, "image_id": 1, "category_id": 4, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6]]}],
             "categories": [{"id": 1, "name": "cat "}, {"id": 2, "name": "cat"}, {"id": 3, "name": "traffic  light"}, {"id": 4, "name": "Cat"}]}
            """);
        var (images, problems) = Read(path);
        Assert.Equal(["a.png 20x10: cat 24 [2,2,6,4] | cat 24 [2,2,6,4] | traffic light 24 [2,2,6,4] | Cat 24 [2,2,6,4]"], images);
        Assert.Equal([$"in.json: {Said}"], problems.Select(p => p.ToString()));
        Assert.Equal(FormatOutcome.Noted, problems[0].Outcome);

        string written = Folder.File("out.json");
        using (var reader = AnnotationFiles.Open(path, null, new() { Problem = _ => { } }))
        using (var writer = AnnotationFiles.Create(written, AnnotationFormat.Coco, new() { Categories = reader.Categories }))
            reader.CopyTo(writer);
        using var json = JsonDocument.Parse(File.ReadAllBytes(written));
        Assert.Equal(["cat", "traffic light", "Cat"],
            json.RootElement.GetProperty("categories").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
    }

    [Fact]
    public void Coco_NameOfBlanks_IsNone()
    {
        string path = Write("in.json", """
            {"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6]]}], "categories": [{"id": 7, "name": "  "}]}
            """);
        Assert.Equal(["a.png 20x10: 7 24 [2,2,6,4]"], Read(path).Images);
    }

    [Fact]
    public void Yolo_Names_AreOneClass()
    {
        Picture("set/images/a.png", 20, 10);
        Write("set/labels/a.txt", "0 0.25 0.4 0.3 0.4\n1 0.25 0.4 0.3 0.4\n");
        Write("set/data.yaml", "names: ['cat ', cat]\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal(["a.png 20x10: cat 24 [2,2,6,4] | cat 24 [2,2,6,4]"], images);
        Assert.Equal([$"set: {Said}"], problems.Select(p => p.ToString()));
    }

    [Fact]
    public void Yolo_ListOfNames_SaysWhatIsThereTwice()
    {
        Picture("set/images/a.png", 20, 10);
        Write("set/labels/a.txt", "1 0.25 0.4 0.3 0.4\n");
        Write("set/classes.txt", "cat \ncat\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal(["a.png 20x10: cat 24 [2,2,6,4]"], images);
        Assert.Equal(["classes.txt: classes 0, 1 have one name, 'cat'; they are one class."], problems.Select(p => p.ToString()));
    }

    [Fact]
    public void Yolo_NamesThatAreThere_KeepTheirNumbers()
    {
        Write("set/data.yaml", "names: ['cat ', cat, dog]\n");
        using (var writer = AnnotationFiles.Create(Folder.File("set"), AnnotationFormat.Yolo, new() { Problem = _ => { } }))
        {
            writer.Write(new() { FileName = "b.png", Width = 20, Height = 10, Annotations = [
                new() { Mask = Rle.Full(10, 20), Whole = new("cat") }, new() { Mask = Rle.Full(10, 20), Whole = new("bird") }] });
            writer.Complete();
        }
        Assert.EndsWith("names:\n  0: \"cat \"\n  1: \"cat\"\n  2: \"dog\"\n  3: \"bird\"\n",
            File.ReadAllText(Folder.File("set/data.yaml")), StringComparison.Ordinal);
        Assert.Equal(["0", "3"], File.ReadAllLines(Folder.File("set/labels/b.txt")).Select(l => l.Split(' ')[0]));
    }

    [Fact]
    public void LabelMe_Labels_AreOneClass()
    {
        string Json(string label) => $$"""
            {"version": "5", "imagePath": "a.png", "imageHeight": 10, "imageWidth": 20,
             "shapes": [{"label": "{{label}}", "shape_type": "rectangle", "points": [[2, 2], [8, 6]]}]}
            """;
        Write("d/a.json", Json("cat "));
        Write("d/b.json", Json("cat").Replace("a.png", "b.png", StringComparison.Ordinal));
        var (images, problems) = Read(Folder.File("d"));
        Assert.All(images, i => Assert.Contains(": cat 35", i, StringComparison.Ordinal));
        Assert.Equal([$"d: {Said}"], problems.Select(p => p.ToString()));
    }

    [Fact]
    public void Cvat_Labels_AreOneClass()
    {
        string path = Write("in.xml", """
            <annotations><version>1.1</version><image id="0" name="a.png" width="20" height="10">
            <box label="cat " xtl="2" ytl="2" xbr="8" ybr="6"/><box label="cat" xtl="2" ytl="2" xbr="8" ybr="6"/></image></annotations>
            """);
        var (images, problems) = Read(path);
        Assert.Equal(["a.png 20x10: cat 24 [2,2,6,4] | cat 24 [2,2,6,4]"], images);
        Assert.Equal([$"in.xml: {Said}"], problems.Select(p => p.ToString()));
    }

    [Fact]
    public void LabelStudio_Labels_AreOneClass()
    {
        string Region(string label) => $$$"""
            {"type": "rectanglelabels", "original_width": 20, "original_height": 10, "value": {"x": 10, "y": 20, "width": 30, "height": 40,
             "rectanglelabels": ["{{{label}}}"]}}
            """;
        string path = Write("in.json", $$"""[{"data": {"image": "a.png"}, "annotations": [{"result": [{{Region("cat ")}}, {{Region("cat")}}]}]}]""");
        var (images, problems) = Read(path);
        Assert.Equal(["a.png 20x10: cat 24 [2,2,6,4] | cat 24 [2,2,6,4]"], images);
        Assert.Equal([$"in.json: {Said}"], problems.Select(p => p.ToString()));
    }
}
