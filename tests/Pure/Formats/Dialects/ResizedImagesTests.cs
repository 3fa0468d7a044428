using SemanticSam.Formats;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Images that were made smaller or larger after they were annotated: what tells so scales the annotations, what does not is said.</summary>
public sealed class ResizedImagesTests : DialectFolder
{
    private const string Scaled = "its annotations are brought to the image's size",
        Unsure = "nothing tells whether they were drawn before the image was resized";

    private static string Polygon(int x, int y, int w, int h) => $"\"segmentation\": [[{x}, {y}, {x + w}, {y}, {x + w}, {y + h}, {x}, {y + h}]]";

    private string Coco(int width, int height, params string[] annotations) => Write("in.json", $$"""
        {"images": [{"id": 1, "file_name": "a.png", "width": {{width}}, "height": {{height}}}], "categories": [{"id": 1, "name": "cat"}],
         "annotations": [{{string.Join(",", annotations.Select((a, i) => $"{{\"id\": {i + 1}, \"image_id\": 1, \"category_id\": 1, {a}}}"))}}]}
        """);

    /// <summary>Run lengths of the rectangle [20, 10, 20, 40] in 200 x 100.</summary>
    private const string Runs = "\"segmentation\": {\"size\": [100, 200], \"counts\": [2010, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, "
        + "40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 60, 40, 16050]}";

    [Fact]
    public void Coco_OfAnImageThatWasShrunk_IsScaled()
    {
        Picture("a.png", 100, 50);
        string path = Coco(200, 100, Polygon(150, 10, 40, 40), Polygon(10, 10, 40, 40), Runs, Polygon(60, 20, 120, 60), "\"bbox\": [150, 10, 40, 40]");
        var (images, problems) = Read(path, images: Folder.Path);
        Assert.Equal(["a.png 100x50: cat 400 [75,5,20,20] | cat 400 [5,5,20,20] | cat 200 [10,5,10,20] | cat 1800 [30,10,60,30] "
            + "| cat 400 [75,5,20,20]"], images);
        Assert.Equal(Scaled, problems[0].Done);
        Assert.Equal("it says that its image is 200 x 100, but the image is 100 x 50", Strict(path, Folder.Path).What);
    }

    /// <summary>What reaches out of the image, or run lengths, tell; without either all could be of both sizes.</summary>
    [Theory]
    [InlineData(150, Scaled, "cat 400 [75,5,20,20]")]
    [InlineData(165, Scaled, "cat 400 [82,5,20,20]")] // it sticks out of the image of before by a little
    [InlineData(10, Unsure, "cat 1600 [10,10,40,40]")]
    [InlineData(250, "the image's own size is taken", "cat 0 [0,0,0,0]")] // and of this one, too
    public void Coco_Polygons_TellWhichSizeTheyAreOf(int left, string done, string expected)
    {
        Picture("a.png", 100, 50);
        var (images, problems) = Read(Coco(200, 100, Polygon(left, 10, 40, 40)), images: Folder.Path);
        Assert.Equal([$"a.png 100x50: {(left == 165 ? "cat 360 [82,5,18,20]" : expected)}"], images);
        Assert.EndsWith(done, problems[0].Done);
    }

    /// <summary>An image that was enlarged: run lengths tell, polygons alone do not (scripts also write wrong sizes).</summary>
    [Fact]
    public void Coco_OfAnImageThatWasEnlarged_IsScaledWhereRunLengthsTell()
    {
        Picture("a.png", 400, 200);
        var (images, problems) = Read(Coco(200, 100, Runs, Polygon(10, 10, 40, 40)), images: Folder.Path);
        Assert.Equal(["a.png 400x200: cat 3200 [40,20,40,80] | cat 6400 [20,20,80,80]"], images);
        Assert.Equal(Scaled, Assert.Single(problems).Done);
        (images, problems) = Read(Coco(200, 100, Polygon(10, 10, 40, 40)), images: Folder.Path);
        Assert.Equal(["a.png 400x200: cat 1600 [10,10,40,40]"], images);
        Assert.EndsWith(Unsure, Assert.Single(problems).Done);
        (images, problems) = Read(Coco(200, 100, Polygon(250, 10, 40, 40)), images: Folder.Path);
        Assert.Equal(["a.png 400x200: cat 1600 [250,10,40,40]"], images);
        Assert.Equal("the image's own size is taken", Assert.Single(problems).Done);
        Assert.Equal("the image's own size is taken", Assert.Single(Read(Coco(200, 100), images: Folder.Path).Problems).Done); // nothing is drawn
    }

    /// <summary>Images of a set are resized alike: where one does not tell, the others do.</summary>
    [Theory]
    [InlineData(150, true)]
    [InlineData(20, false)]
    public void Coco_ImageThatDoesNotTell_IsAsTheOthers(int left, bool tells)
    {
        foreach (string name in (string[])["a.png", "b.png"]) Picture(name, 100, 50);
        var (images, problems) = Read(Write("in.json", $$"""
            {"images": [{"id": 1, "file_name": "a.png", "width": 200, "height": 100}, {"id": 2, "file_name": "b.png", "width": 200, "height": 100}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, {{Polygon(10, 10, 40, 40)}}},
                             {"id": 2, "image_id": 2, "category_id": 1, {{Polygon(left, 10, 40, 40)}}}], "categories": [{"id": 1, "name": "cat"}]}
            """), images: Folder.Path);
        Assert.Equal($"a.png 100x50: {(tells ? "cat 400 [5,5,20,20]" : "cat 1600 [10,10,40,40]")}", images[0]);
        Assert.EndsWith(tells ? "as those of the set's other images" : Unsure, problems[0].Done);
    }

    /// <summary>A small object keeps a pixel.</summary>
    [Fact]
    public void Coco_ObjectsOfAPixel_AreNotLost()
    {
        Picture("a.png", 20, 10);
        var (images, _) = Read(Coco(200, 100, Polygon(150, 10, 40, 40), Polygon(11, 11, 2, 2)), images: Folder.Path);
        Assert.Equal(["a.png 20x10: cat 16 [15,1,4,4] | cat 1 [1,1,1,1]"], images);
    }

    [Fact]
    public void LabelMe_OfAnImageThatWasShrunk_IsScaled()
    {
        Picture("a.png", 100, 50);
        string path = Write("a.json", """
            {"shapes": [{"label": "cat", "points": [[60, 20], [180, 20], [180, 80], [60, 80]], "shape_type": "polygon"}], "imagePath": "a.png",
             "imageHeight": 100, "imageWidth": 200}
            """);
        var (images, problems) = Read(path);
        Assert.Equal(["a.png 100x50: cat 1800 [30,10,60,30]"], images);
        Assert.Equal(Scaled, Assert.Single(problems).Done);
        Strict(path);
    }

    [Theory]
    [InlineData("""<box label="cat" xtl="60" ytl="20" xbr="180" ybr="80"/>""", "cat 1800 [30,10,60,30]")]
    [InlineData("""<polygon label="cat" points="60,20;180,20;180,80;60,80"/>""", "cat 1800 [30,10,60,30]")]
    [InlineData("""<mask label="cat" rle="0, 40" left="160" top="20" width="10" height="4"/>""", "cat 10 [80,10,5,2]")]
    public void Cvat_OfAnImageThatWasShrunk_IsScaled(string shape, string expected)
    {
        Picture("a.png", 100, 50);
        string path = Write("a.xml", $"<annotations><image id=\"0\" name=\"a.png\" width=\"200\" height=\"100\">{shape}</image></annotations>");
        var (images, problems) = Read(path, images: Folder.Path);
        Assert.Equal([$"a.png 100x50: {expected}"], images);
        Assert.Equal(Scaled, Assert.Single(problems).Done);
        Strict(path, Folder.Path);
    }

    /// <summary>The list says no size but that of its masks; the image at hand has another.</summary>
    [Fact]
    public void MasksOfSam_OfAnotherSizeThanTheImageBeside_AreScaled()
    {
        string path = Write("amg/a.json", $"[{{{Runs}, \"area\": 800, \"bbox\": [20, 10, 19, 39], \"predicted_iou\": 0.9, \"point_coords\": [[30.0, 20.0]]}}]");
        Picture("amg/a.png", 400, 200);
        Assert.Equal(["a.png 400x200: - 3200 [40,20,40,80]"], Read(path).Images);
        using (var reader = AnnotationFiles.Open(path, null, new() { Problem = _ => { } }))
            Assert.Equal((60.0, 40.0), Assert.Single(Assert.Single(reader.Read()).Annotations).Point);
        Picture("amg/a.png", 100, 50);
        var (images, problems) = Read(path);
        Assert.Equal(["a.png 100x50: - 200 [10,5,10,20]"], images);
        Assert.Contains(problems, p => p.Outcome == FormatOutcome.Repaired && p.Done == Scaled);
    }

    /// <summary>
    /// Width and height the other way round, and no image at hand: all lies in an image of the other sides, and of something most in no other.
    /// </summary>
    [Theory]
    [InlineData("150, 10, 40, 40", "200x100: cat 1600 [150,10,40,40]", true)]
    [InlineData("80, 10, 100, 40", "200x100: cat 4000 [80,10,100,40]", true)]
    [InlineData("80, 10, 30, 40", "100x200: cat 800 [80,10,20,40]", false)] // it sticks out by a little
    [InlineData("80, 90, 100, 40", "100x200: cat 800 [80,90,20,40]", false)] // and of the other, too
    [InlineData("10, 10, 40, 40", "100x200: cat 1600 [10,10,40,40]", false)]
    public void Coco_SidesThatAreExchanged_AreFoundByWhatLiesOutside(string box, string expected, bool areExchanged)
    {
        int[] b = [.. box.Split(", ").Select(int.Parse)];
        foreach (string annotation in (string[])[Polygon(b[0], b[1], b[2], b[3]), $"\"bbox\": [{box}]"])
        {
            string path = Coco(100, 200, annotation);
            var (images, problems) = Read(path);
            Assert.Equal([$"a.png {expected}"], images);
            Assert.Equal(areExchanged, problems.Any(p => p.Done == "width and height are exchanged" && p.Outcome == FormatOutcome.Repaired));
            if (areExchanged) Strict(path);
            bool isMostlyOutside = box == "80, 90, 100, 40";
            Assert.Equal(isMostlyOutside, problems.Any(p => p.Done == "it is cut at the image's edge" && p.Outcome == FormatOutcome.Noted));
        }
    }

    [Fact]
    public void Coco_SidesOfAnImageAtHand_AreNotExchanged()
    {
        Picture("a.png", 100, 200);
        Assert.Equal(["a.png 100x200: cat 800 [80,10,20,40]"], Read(Coco(100, 200, Polygon(80, 10, 100, 40)), images: Folder.Path).Images);
    }
}
