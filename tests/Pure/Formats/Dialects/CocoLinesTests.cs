using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>COCO with a JSON object a line.</summary>
public sealed class CocoLinesTests : DialectFolder
{
    private const string Mask = "\"segmentation\": [[2, 2, 8, 2, 8, 6, 2, 6]]", Cat = "a.jpg 20x10: cat 24 [2,2,6,4]",
        Image = "\"file_name\": \"a.jpg\", \"width\": 20, \"height\": 10";

    public static TheoryData<string, string> Files => new()
    {
        { "images with annotations", $$"""{"id": 1, {{Image}}, "annotations": [{"id": 5, "category_id": 1, "category_name": "cat", {{Mask}}}]}""" + "\n" },
        { "images without ids", $$"""{{{Image}}, "annotations": [{"category_name": "cat", {{Mask}}}]}""" + "\r\n\r\n" },
        {
            "records of all kinds",
            $$"""
            {"type": "image", "id": 1, {{Image}}}
            {"type": "category", "id": 1, "name": "cat"}
            {"type": "annotation", "id": 5, "image_id": 1, "category_id": 1, {{Mask}}}
            """
        },
        {
            "a set",
            $$"""{"images": [{"id": 1, {{Image}}}], "categories": [{"id": 1, "name": "cat"}], "annotations": [{"image_id": 1, "category_id": 1, {{Mask}}}]}"""
        },
        {
            "annotations alone",
            $$"""{"image_id": 1, {{Image}}, "category_name": "cat", "segmentation": {"size": [10, 20], "counts": [22,4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 124]} }"""
        },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Lines_OfAnyKind_AreRead(string kind, string text)
    {
        foreach (string name in (string[])["in.jsonl", "in.NDJSON"])
        {
            string path = Write(name, text);
            Assert.True(AnnotationFiles.Recognize(path).Format == AnnotationFormat.Coco, kind);
            Assert.Equal([Cat], Read(path).Images);
        }
    }

    [Fact]
    public void Line_ThatIsDamaged_IsLeftOutAlone()
    {
        string path = Write("in.jsonl", $$"""
            {"id": 1, {{Image}}, "annotations": [{"category_name": "cat", {{Mask}}}]}
            {"id": 2, "file_name": "b.jpg", "width": 20,
            {"what": 1}
            {"id": 3, "file_name": "c.jpg", "width": 20, "height": 10}
            """);
        var (images, problems) = Read(path);
        Assert.Equal([Cat, "c.jpg 20x10: "], images);
        Assert.Equal(["line 2", "line 3"], problems.Where(p => p.IsLoss).Select(p => p.Place));
        Strict(path);
    }

    /// <summary>The engine's own answers stay what they are.</summary>
    [Fact]
    public void Lines_OfResults_AreNotCoco() => Assert.Equal(AnnotationFormat.Result,
        AnnotationFiles.Recognize(Write("r.jsonl", """{"image": {"file_name": "a.jpg", "width": 20, "height": 10}, "annotations": []}""")).Format);
}
