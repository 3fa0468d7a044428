using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Files as people described them when a converter of another program refused them or lost what they hold.</summary>
public sealed class ReportedFilesTests : DialectFolder
{
    private const string Image = """{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}""", Category = """{"id": 1, "name": "cat"}""";

    private static string Annotation(string segmentation, string more = "\"bbox\": [2, 2, 6, 4]") =>
        $"{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"segmentation\": {segmentation}, {more}}}";

    private static string Coco(string annotation, string image = Image) =>
        $"{{\"images\": [{image}], \"annotations\": [{annotation}], \"categories\": [{Category}]}}";

    private static readonly string Square = Annotation("[[2, 2, 8, 2, 8, 6, 2, 6]]");

    [Theory]
    [InlineData("\"images\": {I}, \"annotations\": [{A}], \"categories\": [{C}]", 1)]
    [InlineData("\"images\": [{I}], \"annotations\": {A}, \"categories\": [{C}]", 1)]
    [InlineData("\"images\": {I}, \"annotations\": {A}, \"categories\": {C}", 3)]
    [InlineData("\"categories\": {\"supercategory\": \"animal\", \"id\": 1, \"name\": \"cat\"}, \"images\": [{I}], \"annotations\": [{A}]", 1)]
    [InlineData("\"categories\": {\"id\": 1, \"name\": 2, \"cat\": 1}, \"images\": [{I}], \"annotations\": [{A}]", 1)] // a map of names, two of them odd
    public void Section_OfOneRecordWithoutItsList_IsThatRecord(string sections, int repaired)
    {
        string text = "{" + sections.Replace("{I}", Image).Replace("{A}", Square).Replace("{C}", Category) + "}";
        var (images, problems) = Read(Write("in.json", text));
        if (text.Contains("\"name\": 2")) Assert.Equal("a.jpg 20x10:", images[0][..12]); // whatever is made of it, nothing is lost
        else Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
        Assert.Equal(repaired, problems.Count(p => p.What.Contains("a list is expected")));
    }

    [Fact]
    public void ListOfImages_AsDetectron2HasIt_IsRead()
    {
        string path = Write("in.json", """
            [{"file_name": "a.jpg", "image_id": 7, "height": 10, "width": 20, "annotations": [
                {"bbox": [2, 2, 8, 6], "bbox_mode": 0, "category_id": 0, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6]]},
                {"bbox": [2, 2, 8, 6], "bbox_mode": 0, "category_id": 1}, {"bbox": [2, 2, 6, 4], "bbox_mode": 1, "category_id": 1}]},
             {"file_name": "b.jpg", "image_id": 8, "height": 10, "width": 20, "annotations": []}]
            """);
        Assert.Equal(AnnotationFormat.Coco, AnnotationFiles.Recognize(path).Format);
        var (images, problems) = Read(path);
        Assert.Equal(["a.jpg 20x10: 0 24 [2,2,6,4] | 1 24 [2,2,6,4] | 1 24 [2,2,6,4]", "b.jpg 20x10: "], images);
        Assert.DoesNotContain(problems, p => p.IsLoss);
        Assert.Contains(problems, p => p.Done.Contains("bbox_mode"));
    }

    /// <summary>Columns of ten pixels: the third to the eighth, from the third pixel on, four of them.</summary>
    [Theory]
    [InlineData("[[22, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 124]]")]
    [InlineData("[22, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 124]")]
    [InlineData("{\"size\": \"[10, 20]\", \"counts\": [22, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 124]}")]
    [InlineData("{\"size\": [10, 20, 1], \"counts\": [22, 4, 6, 4, 6, 4, 6, 4, 6, 4, 6, 4, 124]}")]
    [InlineData("{\"size\": [10, 20], \"counts\": \"22 4 6 4 6 4 6 4 6 4 6 4 124\"}")]
    public void RunLengths_InOtherClothes_AreTaken(string segmentation)
    {
        string path = Write("in.json", Coco(Annotation(segmentation)));
        var (images, problems) = Read(path);
        Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
        Assert.Equal(FormatOutcome.Repaired, Assert.Single(problems).Outcome);
        Strict(path);
    }

    [Fact]
    public void Ids_OfMoreThan64Bits_AreIds()
    {
        string large = "98765432109876543210";
        var (images, problems) = Read(Write("in.json", Coco(Square.Replace("\"image_id\": 1", $"\"image_id\": {large}"),
            Image.Replace("\"id\": 1", $"\"id\": {large}"))));
        Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("\"1\"", true)]
    [InlineData("\"True\"", true)]
    [InlineData("\"0\"", false)]
    [InlineData("\"False\"", false)]
    [InlineData("null", false)]
    public void Crowd_AsText_IsKept(string written, bool crowd)
    {
        var problems = new List<FormatProblem>();
        using var reader = AnnotationFiles.Open(Write("in.json", Coco(Annotation("[[2, 2, 8, 2, 8, 6, 2, 6]]", $"\"iscrowd\": {written}"))), null,
            new() { Problem = problems.Add });
        Assert.Equal(crowd, reader.Read().Single().Annotations.Single().IsCrowd);
        Assert.Equal(crowd ? 1 : 0, problems.Count);
    }

    [Fact]
    public void Category_OfSeveral_IsTheFirst()
    {
        var (images, problems) = Read(Write("in.json", Coco(Square.Replace("\"category_id\": 1", "\"category_id\": [1, 2]"))));
        Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
        Assert.Contains("a list of 2", Assert.Single(problems).What);
    }

    [Fact]
    public void Outline_OfNoPixel_IsSaid()
    {
        var (images, problems) = Read(Write("in.json", Coco(Annotation("[[2, 2, 2, 2, 2, 2]]"))));
        Assert.Equal(["a.jpg 20x10: cat 0 [0,0,0,0]"], images);
        Assert.Equal((FormatOutcome.Noted, "its mask is empty"), (Assert.Single(problems).Outcome, problems[0].Done));
    }

    [Fact]
    public void YoloOutline_InPixels_IsTaken()
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", "0 10 10 50 10 50 40 10 40\n0 30 25 40 30\n0 10 10 150 10 150 40\n");
        Write("set/data.yaml", "names: [cat]");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal(["a.png 100x50: cat 1271 [10,10,41,31]"], images);
        // A box may be of corners, or of a center and a size; the last outline leaves the image.
        Assert.Equal([FormatOutcome.Repaired, FormatOutcome.LeftOut, FormatOutcome.LeftOut], problems.Select(p => p.Outcome));
    }

    [Fact]
    public void LabelStudioVector_ThatIsClosed_IsAnOutline()
    {
        string vertices = """[{"id": "1", "x": 10, "y": 20}, {"id": "2", "x": 40, "y": 20}, {"id": "3", "x": 40, "y": 60}, {"id": "4", "x": 10, "y": 60}]""";
        string Region(string id, string closed) => $"{{\"id\": \"{id}\", \"type\": \"vectorlabels\", \"original_width\": 20, \"original_height\": 10, "
            + $"\"value\": {{\"vertices\": {vertices}, \"closed\": {closed}, \"vectorlabels\": [\"cat\"]}}}}";
        var (images, problems) = Read(Write("in.json",
            $"[{{\"id\": 1, \"data\": {{\"image\": \"a.jpg\"}}, \"annotations\": [{{\"result\": [{Region("v", "true")}, {Region("w", "false")}]}}]}}]"));
        Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
        Assert.Contains("a line has no pixels", Assert.Single(problems).What);
    }

    [Fact]
    public void SamplesOfFiftyOne_AreNamed()
    {
        string path = Write("samples.json", """{"samples": [{"filepath": "data/a.jpg", "ground_truth": {"_cls": "Detections", "detections": []}}]}""");
        Assert.Contains("FiftyOne", Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Recognize(path)).Message);
    }
}
