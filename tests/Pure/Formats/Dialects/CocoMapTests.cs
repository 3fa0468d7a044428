using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>COCO files of scripts that write a map, or mere names, where COCO has a list of objects.</summary>
public sealed class CocoMapTests : DialectFolder
{
    private const string Images = """[{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}]""",
        Mask = "\"segmentation\": [[2, 2, 8, 2, 8, 6, 2, 6]]", Cat = "a.jpg 20x10: cat 24 [2,2,6,4]";

    private string Set(string categories, string images = Images, string annotations = $$"""[{"id": 5, "image_id": 1, "category_id": 1, {{Mask}}}]""") =>
        Write("in.json", $$"""{"images": {{images}}, "annotations": {{annotations}}, "categories": {{categories}}}""");

    [Theory]
    [InlineData("""{"1": "cat", "2": "dog"}""")]
    [InlineData("""{"cat": 1, "dog": 2}""")]
    [InlineData("""{"1": {"name": "cat"}, "2": {"name": "dog"}}""")]
    [InlineData("""{"1": {"id": 1, "name": "cat", "supercategory": "animal"}}""")]
    [InlineData("""{"cat": {"id": 1}}""")]
    [InlineData("""["cat", "dog"]""")] // counted from 1, as no annotation has 0
    [InlineData("""["background", "cat"]""")]
    [InlineData("""[{"id": 1, "name": "cat"}, "dog"]""")]
    public void Categories_InAnyContainer_AreRead(string categories)
    {
        var (images, problems) = Read(Set(categories));
        Assert.Equal([Cat], images);
        Assert.Equal((FormatOutcome.Repaired, "categories"), (Assert.Single(problems).Outcome, problems[0].Place));
        Strict(Folder.File("in.json"));
    }

    [Theory]
    [InlineData("0", "cat", "they are counted from 0")]
    [InlineData("2", "dog", "they are counted from 1")]
    public void Categories_AsNames_AreCountedAsAnnotationsSay(string category, string name, string done)
    {
        var (images, problems) = Read(Set("""["cat", "dog"]""", annotations: $$"""[{"id": 5, "image_id": 1, "category_id": {{category}}, {{Mask}}}]"""));
        Assert.Equal([Cat.Replace("cat", name)], images);
        Assert.Equal(done, Assert.Single(problems).Done);
    }

    [Theory]
    [InlineData("""{"1": {"file_name": "a.jpg", "width": 20, "height": 10}}""")]
    [InlineData("""{"a.jpg": {"id": 1, "width": 20, "height": 10}}""")]
    [InlineData("""{"x": {"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}}""")]
    public void Images_InAMap_HaveTheirKeys(string images)
    {
        var (read, problems) = Read(Set("""[{"id": 1, "name": "cat"}]""", images));
        Assert.Equal([Cat], read);
        Assert.Equal("images", Assert.Single(problems).Place);
    }

    [Theory]
    [InlineData("""{"5": {"image_id": 1, "category_id": 1, M}}""")]
    [InlineData("""{"1": [{"id": 5, "category_id": 1, M}]}""")]
    [InlineData("""{"1": [{"id": 5, "image_id": 1, "category_id": 1, M}], "2": []}""")]
    public void Annotations_InAMap_HaveTheirKeys(string annotations)
    {
        string path = Set("""[{"id": 1, "name": "cat"}]""", annotations: annotations.Replace("M", Mask));
        var (read, problems) = Read(path);
        Assert.Equal([Cat], read);
        Assert.Equal("annotations", Assert.Single(problems).Place);
        using var reader = AnnotationFiles.Open(path, null, new() { Problem = _ => { } });
        Assert.Equal(5, Assert.Single(Assert.Single(reader.Read()).Annotations).Id);
    }

    [Fact]
    public void Maps_All_AreRecognized()
    {
        string path = Set("""{"1": "cat"}""", """{"1": {"file_name": "a.jpg", "width": 20, "height": 10}}""",
            $$$"""{"5": {"image_id": 1, "category_id": 1, {{{Mask}}}}}""");
        Assert.Equal(AnnotationFormat.Coco, AnnotationFiles.Recognize(path).Format);
        Assert.Equal([Cat], Read(path).Images);
        Assert.Equal(3, Read(path).Problems.Count);
    }

    [Fact]
    public void Categories_ThatNothingNumbers_AreLeftOut()
    {
        var (images, problems) = Read(Set("""{"cat": "animal"}"""));
        Assert.Equal([Cat.Replace("cat", "1")], images);
        Assert.Contains(problems, p => p.Outcome == FormatOutcome.LeftOut && p.What.Contains("'animal'"));
    }
}
