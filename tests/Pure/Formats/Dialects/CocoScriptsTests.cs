using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>COCO as scripts write it that do not know it well: other keys, sections elsewhere, numbers as texts. What is clear is read, and said.</summary>
public sealed class CocoScriptsTests : DialectFolder
{
    /// <summary>Contours of OpenCV, whose points have a list of their own each; a category in a list.</summary>
    [Theory]
    [InlineData("\"category_id\": 1, \"segmentation\": [[[2, 2]], [[8, 2]], [[8, 6]], [[2, 6]]]")]
    [InlineData("\"category_id\": 1, \"segmentation\": [[[[2, 2]], [[8, 2]], [[8, 6]], [[2, 6]]]]")]
    [InlineData("\"category_id\": [1], \"segmentation\": [[2, 2, 8, 2, 8, 6, 2, 6]]")]
    public void ListsTooMany_AreTakenOff(string annotation) => Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], Read(Write("in.json", $$"""
        {"images": [{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}], "categories": [{"id": 1, "name": "cat"}],
         "annotations": [{"id": 5, "image_id": 1, {{annotation}}}]}
        """)).Images);

    [Fact]
    public void Dictionary_AsPythonPrintsIt_IsNamed() =>
        Assert.Contains("as Python prints a dictionary", Assert.Throws<AnnotationFileException>(() => Read(Write("in.json", "{'images': []}"))).Message);

    private const string Image = """{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}""", Category = """{"id": 1, "name": "cat"}""",
        Mask = "\"segmentation\": [[2, 2, 8, 2, 8, 6, 2, 6]]", Annotation = $$"""{"id": 1, "image_id": 1, "category_id": 1, {{Mask}}}""",
        Set = $$"""{"images": [{{Image}}], "annotations": [{{Annotation}}], "categories": [{{Category}}]}""", Cat = "a.jpg 20x10: cat 24 [2,2,6,4]";

    [Theory]
    [InlineData("[[[2, 2, 8, 2, 8, 6, 2, 6]]]")]
    [InlineData("[[[[2, 2], [8, 2], [8, 6], [2, 6]]]]")]
    [InlineData("\"2, 2, 8, 2, 8, 6, 2, 6\"")]
    [InlineData("[\"2 2 8 2 8 6 2 6\"]")] // a piece that is a text
    [InlineData("[[\"2.0,2.0,8,2,8,6,2,6\"]]")]
    [InlineData("[{\"points\": [2, 2, 8, 2, 8, 6, 2, 6]}]")]
    [InlineData("[{\"points\": [[2, 2], [8, 2], [8, 6], [2, 6]]}]")]
    public void Polygon_InAnyWrapping_IsRead(string segmentation)
    {
        string path = Write("in.json", Set.Replace("[[2, 2, 8, 2, 8, 6, 2, 6]]", segmentation));
        Assert.Equal([Cat], Read(path).Images);
    }

    [Theory]
    [InlineData("{\"x\": 2, \"y\": 2, \"width\": 6, \"height\": 4}", "it is taken by its keys")]
    [InlineData("{\"xmin\": 2, \"ymin\": 2, \"xmax\": 8, \"ymax\": \"6\"}", "it is taken by its keys")]
    [InlineData("[[2, 2], [8, 6]]", "it goes from one corner to the other")]
    [InlineData("\"[2, 2, 6, 4]\"", "the numbers that it holds are taken")]
    public void Box_InAnyWrapping_IsThatBox(string box, string done)
    {
        string path = Write("in.json", Set.Replace(Mask, $"\"segmentation\": [], \"bbox\": {box}"));
        var (images, problems) = Read(path);
        Assert.Equal([Cat], images);
        Assert.Contains(problems, p => p.Outcome == FormatOutcome.Repaired && p.Done == done);
        Strict(path);
        // Beside an outline nothing needs it, and nothing is said.
        Assert.Empty(Read(Write("in.json", Set.Replace(Mask, $"{Mask}, \"bbox\": {box}"))).Problems);
    }

    [Theory]
    [InlineData("""{"image_id": 1, "filename": "a.jpg", "w": 20, "h": 10}""", Annotation, Category)]
    [InlineData(Image, $$"""{"id": 1, "imageId": 1, "categoryId": 1, {{Mask}}}""", Category)]
    [InlineData(Image, $$"""{"id": 1, "image_id": 1, "category_id": "1.0", {{Mask}}}""", Category)]
    [InlineData(Image, $$"""{"id": 1, "image_id": 1, "category_id": null, "category_name": "cat", {{Mask}}}""", Category)]
    [InlineData(Image, $$"""{"id": 1, "image_id": 1, "category": "cat", {{Mask}}}""", """{"id": 7, "name": "dog"}""")]
    [InlineData(Image, Annotation, """{"category_id": 1, "category_name": "cat"}""")]
    public void Keys_OfOtherNames_AreTaken(string image, string annotation, string category)
    {
        var (images, problems) = Read(Write("in.json", $$"""{"images": [{{image}}], "annotations": [{{annotation}}], "categories": [{{category}}]}"""));
        Assert.Equal([Cat], images);
        Assert.All(problems, p => Assert.False(p.IsLoss));
    }

    [Theory]
    [InlineData($"[{Set}]", "the set is taken")]
    [InlineData($$"""{"coco": {{Set}}}""", "they are taken")]
    [InlineData($$"""{"split": "train", "stats": {"images": 1, "annotations": 1}, "dataset": {{Set}}}""", "they are taken")]
    [InlineData($$"""{"images": [{"annotations": [{"id": 1, "category_id": 1, {{Mask}}}], "id": 1, "file_name": "a.jpg", "width": 20, "height": 10}], "categories": [{{Category}}]}""", "these are taken")]
    public void Sections_ElsewhereInTheFile_AreFound(string json, string done)
    {
        string path = Write("in.json", json);
        var (images, problems) = Read(path);
        Assert.Equal([Cat], images);
        Assert.Equal((FormatOutcome.Repaired, done), (Assert.Single(problems).Outcome, problems[0].Done));
        Assert.Equal(AnnotationFormat.Coco, AnnotationFiles.Recognize(path).Format);
        Strict(path);
    }

    [Theory]
    [InlineData($"[{Set}, {Set}]")]
    [InlineData($$"""{"train": {{Set}}, "val": {{Set}}}""")]
    public void Sets_MoreThanOneInAFile_AreToldAndTheFirstIsRead(string json)
    {
        var (images, problems) = Read(Write("in.json", json));
        Assert.Equal([Cat], images);
        Assert.Contains("a further set", Assert.Single(problems, p => p.IsLoss).What);
    }

    [Fact]
    public void Annotations_AtBothPlaces_AreThoseOfTheSet()
    {
        var (images, problems) = Read(Write("in.json", Set.Replace("\"width\": 20", $"\"annotations\": [{Annotation}, 5], \"width\": 20")));
        Assert.Equal([Cat], images);
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("my%20photo.png", "my photo.png")]
    [InlineData(" my photo.PNG ", "my photo.png")]
    public void Image_SpelledOtherwise_TellsItsSize(string name, string onDisk)
    {
        Picture($"images/{onDisk}", 20, 10);
        var (images, _) = Read(Write("in.json", Set.Replace("a.jpg", name).Replace(", \"width\": 20, \"height\": 10", "")), images: Folder.File("images"));
        Assert.EndsWith("20x10: cat 24 [2,2,6,4]", Assert.Single(images));
    }

    [Fact]
    public void Isat_IsNamed() => Assert.Contains("of ISAT", Assert.Throws<AnnotationFileException>(() => Read(Write("in.json",
        """{"info": {"name": "a.jpg"}, "objects": [{"category": "cat", "group": 1, "segmentation": [[2, 2], [8, 2], [8, 6]], "layer": 1.0}]}"""))).Message);
}
