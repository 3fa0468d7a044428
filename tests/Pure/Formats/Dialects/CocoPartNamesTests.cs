using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Objects and parts in one COCO file, as PACO is published.</summary>
public sealed class CocoPartNamesTests : DialectFolder
{
    private const string Box = "[[2, 2, 12, 2, 12, 8, 2, 8]]", Inside = "[[2, 2, 8, 2, 8, 6, 2, 6]]", Apart = "[[14, 2, 18, 2, 18, 4, 14, 4]]";

    private string File(string annotations, string categories) => Write("in.json", $$"""
        {"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}], "annotations": [{{annotations}}], "categories": [{{categories}}]}
        """);

    private static string Annotation(int id, int category, string outline, string more = "") =>
        $"{{\"id\": {id}, \"image_id\": 1, \"category_id\": {category}, \"segmentation\": {outline}{more}}}";

    private const string Paco = """
        {"supercategory": "OBJECT", "id": 1, "name": "mug"}, {"supercategory": "PART", "id": 2, "name": "mug:handle"},
        {"supercategory": "OBJECT", "id": 3, "name": "trash_can"}, {"supercategory": "PART", "id": 4, "name": "trash_can: rim"}
        """;

    [Fact]
    public void ObjectAnnotation_NamesTheWhole()
    {
        var (images, problems) = Read(File(string.Join(", ", Annotation(5, 1, Box, ", \"obj_ann_id\": 5"), Annotation(6, 1, Box, ", \"obj_ann_id\": 6"),
            Annotation(7, 2, Apart, ", \"obj_ann_id\": 6"), Annotation(8, 4, Inside)), Paco));
        Assert.Equal(["a.png 20x10: mug 60 [2,2,10,6] | mug 60 [2,2,10,6] | handle of mug 8 [14,2,4,2] in 6 | rim of trash_can 24 [2,2,6,4]"], images);
        Assert.Equal(FormatOutcome.Noted, Assert.Single(problems).Outcome);
    }

    [Fact]
    public void WithoutIt_TheObjectThatHoldsThePart_IsTheWhole() => Assert.Equal(
        ["a.png 20x10: mug 200 [0,0,20,10] | mug 60 [2,2,10,6] | handle of mug 24 [2,2,6,4] in 6 | handle of mug 8 [14,2,4,2] in 5"],
        Read(File(string.Join(", ", Annotation(5, 1, "[[0, 0, 20, 0, 20, 10, 0, 10]]"), Annotation(6, 1, Box), Annotation(7, 2, Inside),
            Annotation(8, 2, Apart)), Paco)).Images);

    [Theory]
    [InlineData("""{"id": 1, "name": "cup"}, {"id": 2, "name": "mug:handle"}""", "mug:handle")] // its object is no category
    [InlineData("""{"id": 1, "name": "Quadruped"}, {"id": 2, "name": "Quadruped Head"}""", "Quadruped Head")] // not to be guessed
    [InlineData("""{"id": 1, "name": "mug"}, {"id": 2, "name": "mug:"}""", "mug:")]
    [InlineData("""{"id": 1, "name": ""}, {"id": 2, "name": ":handle"}""", ":handle")]
    public void OtherNames_StayNames(string categories, string name)
    {
        using var reader = AnnotationFiles.Open(File(Annotation(5, 2, Inside), categories), null, new() { Problem = _ => { } });
        var annotation = Assert.Single(Assert.Single(reader.Read()).Annotations);
        Assert.Equal((name, null, null), (annotation.Whole?.Name, annotation.Part, annotation.Parent));
    }

    [Fact]
    public void Strict_ReadsNamesAsTheyAre()
    {
        using var reader = AnnotationFiles.Open(File(Annotation(5, 2, Inside), Paco), null, new() { Problem = _ => { }, Strict = true });
        Assert.Equal("mug:handle", Assert.Single(Assert.Single(reader.Read()).Annotations).Whole?.Name);
    }
}
