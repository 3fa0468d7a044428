using SemanticSam.Formats;
using SemanticSam.Imaging;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>COCO files that other programs and scripts write.</summary>
public sealed class CocoDialectTests : DialectFolder
{
    private const string Square = "[[2, 2, 8, 2, 8, 6, 2, 6]]", Image = "{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 20, \"height\": 10}";

    private static string Coco(string annotations, string images = Image, string categories = "{\"id\": 1, \"name\": \"cat\"}") =>
        $"{{\"images\": [{images}], \"annotations\": [{annotations}], \"categories\": [{categories}]}}";

    private static string Annotation(string segmentation, string more = "\"bbox\": [2, 2, 6, 4]", string id = "1", string image = "1", string category = "1") =>
        $"{{\"id\": {id}, \"image_id\": {image}, \"category_id\": {category}, \"segmentation\": {segmentation}, {more}}}";

    /// <summary>The segmentation of an annotation with the box [2, 2, 6, 4], and what is read.</summary>
    [Theory]
    [InlineData("[[2, 2, 8, 2, 8, 6, 2, 6], [10, 1, 12, 3]]", "cat 24 [2,2,6,4]", "that piece is left out")]
    [InlineData("[[12, 4, 12, 4], [12, 3, 17, 3, 17, 8, 12, 8]]", "cat 25 [12,3,5,5]", "that piece is left out")]
    [InlineData("[[], [2, 2, 8, 2, 8, 6, 2, 6]]", "cat 24 [2,2,6,4]", "that piece is left out")]
    [InlineData("[null, [2, 2, 8, 2, 8, 6, 2, 6]]", "cat 24 [2,2,6,4]", "that piece is left out")]
    [InlineData("[[NaN, 2, 8, 2, 8, 6], [2, 2, 8, 2, 8, 6, 2, 6]]", "cat 24 [2,2,6,4]", "that piece is left out")]
    [InlineData("[[2, 2, 8, 2, 8, 6, 2, 6, 9]]", "cat 24 [2,2,6,4]", "the last is left out")]
    [InlineData("[[2, 2, 8, 6]]", "cat 24 [2,2,6,4]", "the box is its mask")]
    [InlineData("[]", "cat 24 [2,2,6,4]", "the box is its mask")]
    [InlineData("[[]]", "cat 24 [2,2,6,4]", "the box is its mask")]
    [InlineData("{}", "cat 24 [2,2,6,4]", "the box is its mask")]
    [InlineData("null", "cat 24 [2,2,6,4]", "the box is its mask")]
    [InlineData("[2, 2, 8, 2, 8, 6, 2, 6]", "cat 24 [2,2,6,4]", null)]
    [InlineData("[[[2, 2], [8, 2], [8, 6], [2, 6]]]", "cat 24 [2,2,6,4]", null)]
    [InlineData("[[{\"x\": 2, \"y\": 2}, {\"x\": 8, \"y\": 2}, {\"x\": 8, \"y\": 6}, {\"x\": 2, \"y\": 6}]]", "cat 24 [2,2,6,4]", null)]
    [InlineData("{\"size\": [10, 20], \"counts\": \"\"}", "cat 24 [2,2,6,4]", "the box is its mask")]
    [InlineData("{\"size\": [10, 20], \"counts\": []}", "cat 24 [2,2,6,4]", "the box is its mask")]
    [InlineData("[[2, 2], [8, 2], [8, 6], [2, 6]]", "cat 24 [2,2,6,4]", null)]
    [InlineData("[[\"2\", \"2\", \"8\", \"2\", \"8\", \"6\", \"2\", \"6\"]]", "cat 24 [2,2,6,4]", null)]
    [InlineData("[[NaN, 2, 8, 2, 8, 6]]", "", "left out")] // where it is is doubtful, box or not
    [InlineData("{\"size\": [9, 9], \"counts\": \"0\"}", "", "left out")]
    public void Segmentation_OfAnyKind_KeepsTheObject(string segmentation, string expected, string? done)
    {
        string path = Write("in.json", Coco(Annotation(segmentation)));
        var (images, problems) = Read(path);
        Assert.Equal([$"a.jpg 20x10: {expected}"], images);
        if (done is null) Assert.Empty(problems);
        else Assert.Equal(done, Assert.Single(problems).Done);
        if (done is not null) Strict(path);
    }

    /// <summary>A point that is none, or lies where no image is, costs itself alone as long as enough others are there.</summary>
    [Theory]
    [InlineData("[[2, 2, 8, 2, 8, 6, NaN, NaN, 2, 6]]")]
    [InlineData("[[2, 2, 8, 2, 8, 6, null, null, 2, 6]]")]
    [InlineData("[[2, 2, 8, 2, 8, 6, 5, \"Infinity\", 2, 6]]")]
    [InlineData("[[2, 2, 8, 2, 8, 6, 1e9, 1e9, 2, 6]]")]
    [InlineData("[[null, null, 2, 2, 8, 2, 8, 6, 2, 6]]")]
    [InlineData("[NaN, NaN, 2, 2, 8, 2, 8, 6, 2, 6]")]
    [InlineData("[[[2, 2], [8, 2], null, [8, 6], [2, 6]]]")]
    [InlineData("[[2, 2], [8, 2], [NaN, 4], [8, 6], [2, 6]]")]
    [InlineData("[[{\"x\": 2, \"y\": 2}, {\"x\": 8, \"y\": 2}, {\"x\": null, \"y\": 4}, {\"x\": 8, \"y\": 6}, {\"x\": 2, \"y\": 6}]]")]
    public void Polygon_WithAPointThatIsNone_LosesThatPointAlone(string segmentation)
    {
        string path = Write("in.json", Coco(Annotation(segmentation)));
        var (images, problems) = Read(path);
        Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
        Assert.Equal((FormatOutcome.Repaired, "that point is left out, the other 4 are taken"), (Assert.Single(problems).Outcome, problems[0].Done));
        Strict(path);
    }

    /// <summary>Of which points these are nobody knows, and of few points one says too much.</summary>
    [Theory]
    [InlineData("[[2, 2, 8, 2, NaN, 8, 6, 2, 6]]")]
    [InlineData("[[2, 2, 8, 2, 8, 6, 1e9, 1e9, 1e9, 1e9, 1e9, 1e9]]")]
    public void Polygon_OfWhichLittleIsSound_IsLeftOut(string segmentation) =>
        Assert.Equal(FormatOutcome.LeftOut, Assert.Single(Read(Write("in.json", Coco(Annotation(segmentation)))).Problems).Outcome);

    [Theory]
    [InlineData("\"bbox\": [NaN, NaN, -Infinity, Infinity], \"area\": NaN")]
    [InlineData("\"bbox\": \"NaN, -Infinity\", \"note\": \"a \\\" NaN \\\\\"")]
    [InlineData("\"bbox\": [2, 2, 6, 4,], // a comment\n\"area\": 24,")]
    [InlineData("\"level\": 2, \"group\": \"B\", \"score\": \"high\", \"parent\": {\"a\": 1}, \"prompt\": [], \"kind\": 7, \"point_coords\": \"x\", " +
        "\"crop_box\": [1], \"weak\": \"no\"")]
    [InlineData("\"\\ud800\": 1, \"note\": \"\\ud800\"")]
    [InlineData("\"level\": \"advanced\", \"granularity\": \"coarse\", \"parent\": 77, \"iscrowd\": \"false\"")]
    public void KeysThatAreNotUsed_HarmNothing(string more)
    {
        var (images, problems) = Read(Write("in.json", Coco(Annotation(Square, more))));
        Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
        Assert.Empty(problems);
    }

    /// <summary>Fashionpedia's categories have a level of their own taxonomy.</summary>
    [Fact]
    public void CategoryKeys_OfOthers_HarmNothing()
    {
        var (images, problems) = Read(Write("in.json", Coco(Annotation(Square, "\"x\": 1") + "," + Annotation(Square, "\"x\": 1", "2", "1", "31"), Image,
            "{\"id\": 1, \"name\": \"shirt, blouse\", \"level\": 2, \"supercategory\": \"upper\"}, {\"id\": 31, \"name\": \"sleeve\", \"level\": 1, " +
                "\"supercategory\": null, \"parent\": \"x\"}")));
        Assert.Equal(["a.jpg 20x10: shirt, blouse 24 [2,2,6,4] | sleeve 24 [2,2,6,4]"], images);
        Assert.Empty(problems);
    }

    [Fact]
    public void Ids_TwiceOrAsTexts_LoseNothing()
    {
        const string two = "{\"id\": \"1\", \"file_name\": \"a.jpg\", \"width\": \"20\", \"height\": 10.0}, {\"id\": \"b\", \"file_name\": \"b.jpg\", " +
            "\"width\": 20, \"height\": 10}";
        var (images, problems) = Read(Write("in.json", Coco(
            Annotation(Square, "\"x\": 1", "4040", "1") + "," + Annotation(Square, "\"x\": 1", "4040", "\"b\"", "\"1\"") + ","
                + Annotation(Square, "\"x\": 1", "\"q7\"", "\"b\""), two)));
        Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]", "b.jpg 20x10: cat 24 [2,2,6,4] | cat 24 [2,2,6,4]"], images);
        Assert.Contains(problems, p => p.What == "this id occurs twice" && p.Done == "the second becomes 4041");
        Assert.All(problems, p => Assert.NotEqual(FormatOutcome.LeftOut, p.Outcome));
    }

    [Theory]
    [InlineData("{\"id\": 1, \"name\": \"cat\"}, {\"id\": 1, \"name\": \"dog\"}", "1", "cat", 1)]
    [InlineData("{\"id\": 1, \"name\": 7}", "1", "7", 1)]
    [InlineData("{\"id\": 1}", "1", "1", 1)]
    [InlineData("{\"id\": 2, \"name\": \"dog\"}", "1", "1", 1)]
    [InlineData("{\"id\": 2, \"name\": \"dog\"}", "null", "-", 1)]
    [InlineData("{\"id\": 2, \"name\": \"dog\"}", "\"zebra\"", "zebra", 1)]
    [InlineData("", "1", "1", 1)]
    public void Category_MissingOrOdd_KeepsTheObject(string categories, string category, string name, int told)
    {
        var (images, problems) = Read(Write("in.json", Coco(Annotation(Square, "\"x\": 1", category: category), Image, categories)));
        Assert.Equal([$"a.jpg 20x10: {name} 24 [2,2,6,4]"], images);
        Assert.Equal(told, problems.Count);
    }

    [Fact]
    public void Size_MissingOrWrong_IsTheImagesOwn()
    {
        Picture("pics/a.jpg", 20, 10);
        foreach (string size in (string[])["", ", \"width\": null, \"height\": 0", ", \"width\": \"x\", \"height\": 99999999", ", \"width\": 7, \"height\": 5"])
        {
            string path = Write("in.json", Coco(Annotation(Square), $"{{\"id\": 1, \"file_name\": \"C:\\\\old\\\\a.jpg\"{size}}}"));
            var (images, problems) = Read(path, images: Folder.File("pics"));
            Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
            Assert.Contains(problems, p => p.Done == "the image's own size is taken");
            if (size.Contains('7')) continue;
            var without = Assert.Single(Read(path).Problems, p => p.Outcome == FormatOutcome.LeftOut);
            Assert.Equal(AnnotationNeed.Images, without.Need);
        }
    }

    /// <summary>What a name would lead to, and what it is called.</summary>
    [Theory]
    [InlineData("..\\\\..\\\\label-studio\\\\media\\\\upload\\\\4\\\\ab-a.png", "ab-a.png")]
    [InlineData("D:\\\\data\\\\a.jpg", "a.jpg")]
    [InlineData("https://files.example/d/b%20c.jpg?x=1#y", "b c.jpg")]
    [InlineData("/home/me/a.jpg", "a.jpg")]
    [InlineData("file:///c:/x/a.jpg", "a.jpg")]
    [InlineData("../..", "image")]
    [InlineData("s3://bucket/k/a.jpg", "a.jpg")]
    [InlineData("/data/local-files/?d=set%2Fa.jpg", "a.jpg")]
    [InlineData("https://app.example/storage-data/uploaded/?filepath=upload/7/0-a.png", "0-a.png")]
    [InlineData("set\\\\a.jpg", "set/a.jpg")]
    [InlineData("./set/a.jpg", "set/a.jpg")]
    public void FileName_OfAnotherMachine_IsItsLastPart(string name, string expected)
    {
        var (images, _) = Read(Write("in.json", Coco(Annotation(Square), $"{{\"id\": 1, \"file_name\": \"{name}\", \"width\": 20, \"height\": 10}}")));
        Assert.Equal([$"{expected} 20x10: cat 24 [2,2,6,4]"], images);
    }

    private const string Result = "{\"image_id\": 1, \"category_id\": 1, \"segmentation\": {\"size\": [10, 20], \"counts\": \"f046000d4\"}, \"score\": 0.9}";

    /// <summary>Predictions of programs that have no COCO file: images are named by texts, or beside their numbers.</summary>
    [Theory]
    [InlineData("\"bus\"", "", "bus.jpg")]
    [InlineData("\"set/bus.png\"", "", "set/bus.png")]
    [InlineData("7", ", \"file_name\": \"bus.jpeg\"", "bus.jpeg")]
    [InlineData("\"bus\"", ", \"file_name\": \"bus.webp\"", "bus.webp")]
    public void Results_ThatNameTheirImages_AreCalledSo(string id, string more, string name)
    {
        var (images, _) = Read(Write("predictions.json",
            $"[{{\"image_id\": {id}{more}, \"category_id\": 1, \"segmentation\": {{\"size\": [10, 20], \"counts\": \"f046000d4\"}}, \"score\": 0.9}}]"));
        Assert.Equal([$"{name} 20x10: 1 12 [2,2,3,4] 0.9"], images);
    }

    [Fact]
    public void Results_WithTheFileBeside_HaveItsNames()
    {
        Write("gt.json", Coco(Annotation(Square)));
        Write("notes.json", "{\"a\": 1}");
        string path = Write("results.json", $"[{Result}, {{\"image_id\": 1, \"category_id\": 1, \"bbox\": [2, 2, 6, 4], \"score\": 0.25}}]");
        var (images, problems) = Read(path);
        Assert.Equal(["a.jpg 20x10: cat 12 [2,2,3,4] 0.9 | cat 24 [2,2,6,4] 0.25"], images);
        Assert.Contains(problems, p => p.Outcome == FormatOutcome.Noted && p.Done.Contains("gt.json"));
        Write("second.json", Coco(Annotation(Square)));
        Assert.Equal(["000000000001.jpg 20x10: 1 12 [2,2,3,4] 0.9 | 1 24 [2,2,6,4] 0.25"], Read(path).Images); // two that it could be
        Assert.Equal(["a.jpg 20x10: cat 12 [2,2,3,4] 0.9 | cat 24 [2,2,6,4] 0.25"], Read(path, reference: Folder.File("gt.json")).Images);
    }

    private const string TwoNamed = """{"id": 1, "file_name": "000139.jpg", "width": 20, "height": 10}, """
        + """{"id": 139, "file_name": "sub/000777.jpg", "width": 20, "height": 10}""";

    /// <summary>What a result calls its image, where id 1 is 000139.jpg and id 139 is sub/000777.jpg.</summary>
    [Theory]
    [InlineData("139, \"file_name\": \"000139.jpg\"", "000139.jpg", "the name is taken")]
    [InlineData("139, \"file_name\": \"elsewhere.jpg\"", "sub/000777.jpg", null)]
    [InlineData("\"000777\"", "sub/000777.jpg", null, false)] // digits are a number
    [InlineData("\"000777.jpg\"", "sub/000777.jpg", "that image is taken")]
    [InlineData("\"/data/sub/000777.jpg\"", "sub/000777.jpg", "that image is taken")]
    [InlineData("777", "sub/000777.jpg", "that image is meant")]
    [InlineData("55, \"filename\": \"/home/x/000777.jpg\"", "sub/000777.jpg", "that image is taken")]
    [InlineData("\"x\", \"image_name\": \"000777\"", "sub/000777.jpg", "that image is taken")]
    public void Results_ThatNameImagesOfTheReference_AreTheirs(string id, string expected, string? done, bool isId = true)
    {
        string reference = Write("gt.json", Coco("", TwoNamed));
        string path = Write("results/in.json",
            $"[{{\"image_id\": {id}, \"category_id\": 1, \"segmentation\": {{\"size\": [10, 20], \"counts\": \"f046000d4\"}}, \"score\": 0.9}}]");
        var (images, problems) = Read(path, reference: reference);
        Assert.Equal($"{expected} 20x10: cat 12 [2,2,3,4] 0.9", Assert.Single(images, i => i.Contains("cat")));
        Assert.All(problems, p => Assert.Equal(FormatOutcome.Noted, p.Outcome));
        Assert.Equal(done ?? (isId ? null : "that image is meant"), problems.Select(p => p.Done).SingleOrDefault());
    }

    /// <summary>All numbers are of names where not all are ids; and the file beside is found by names, too.</summary>
    [Fact]
    public void Results_OfNumbersAndNames_AreMatchedAlike()
    {
        Write("gt.json", Coco("", TwoNamed));
        string Of(string id) => $"{{\"image_id\": {id}, \"category_id\": 1, \"bbox\": [2, 2, 6, 4], \"score\": 0.5}}";
        const string cat = "cat 24 [2,2,6,4] 0.5";
        Assert.Equal([$"000139.jpg 20x10: {cat}", $"sub/000777.jpg 20x10: {cat}"],
            Read(Write("numbers.json", $"[{Of("139")}, {Of("777")}]"), reference: Folder.File("gt.json")).Images);
        Assert.Equal([$"000139.jpg 20x10: {cat}", $"sub/000777.jpg 20x10: {cat}"],
            Read(Write("names.json", $"[{Of("\"000139.jpg\"")}, {Of("\"000777.jpg\"")}]")).Images);
    }

    /// <summary>Within one file as well; a name that two images have tells nothing.</summary>
    [Fact]
    public void ImageIds_ThatAreNames_AreOfTheImagesOfTheseNames()
    {
        const string images = """{"id": 1, "file_name": "a.jpg", "width": 20, "height": 10}, {"id": 2, "file_name": "x/b.jpg", "width": 20, "height": 10}, """
            + """{"id": 3, "file_name": "x/c.jpg", "width": 20, "height": 10}, {"id": 4, "file_name": "y/c.jpg", "width": 20, "height": 10}""";
        string path = Write("in.json", Coco(string.Join(",", new[] { "\"a.jpg\"", "\"b\"", "\"c.jpg\"", "\"y/c.jpg\"" }
            .Select((image, i) => Annotation(Square, "\"x\": 1", $"{i + 1}", image))), images));
        var (read, problems) = Read(path);
        Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]", "x/b.jpg 20x10: cat 24 [2,2,6,4]", "x/c.jpg 20x10: ", "y/c.jpg 20x10: cat 24 [2,2,6,4]"], read);
        Assert.Equal("several images are called 'c.jpg'", Assert.Single(problems, p => p.IsLoss).What);
        Assert.Contains(problems, p => p.Outcome == FormatOutcome.Noted && p.Done == "that image is taken");
        Assert.Contains("not among the images", Strict(path).What);
    }

    [Fact]
    public void MasksOfSam_AsABareList_AreAnImage()
    {
        string path =
            Write("amg/truck.json",
            """[{"segmentation": {"size": [10, 20], "counts": "f046000d4"}, "area": 12, "bbox": [2, 2, 2, 3], "predicted_iou": 0.95, "point_coords": [[3.0, 3.0]], "stability_score": 0.97, "crop_box": [0, 0, 20, 10]}]""");
        Assert.Equal(["truck.jpg 20x10: - 12 [2,2,3,4]"], Read(path).Images);
        Picture("amg/truck.png", 20, 10);
        Assert.Equal(["truck.png 20x10: - 12 [2,2,3,4]"], Read(path).Images);
        Write("amg/boat.json", """[{"segmentation": {"size": [4, 2], "counts": [2, 3, 3]}, "area": 3}]""");
        Assert.Equal(["boat.jpg 2x4: - 3 [0,0,2,4]", "truck.png 20x10: - 12 [2,2,3,4]"], Read(Folder.File("amg")).Images);
        Assert.Contains("none says how large",
            Assert.Single(Read(Write("none.json", """[{"segmentation": [[1, 1, 2, 2, 3, 3]], "area": 1}]"""), AnnotationFormat.Sa1b).Problems).What);
    }

    [Fact]
    public void Panoptic_WithItsPngs_IsRead()
    {
        Folder.Write("panoptic_val/a.png", ImageEncoder.Png(new RgbImage(3, 2, [7, 0, 0, 7, 0, 0, 0, 0, 0, 44, 1, 0, 44, 1, 0, 44, 1, 0])));
        string path =
            Write("panoptic_val.json",
            """{"images": [{"id": 1, "file_name": "a.jpg", "width": 3, "height": 2}], "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": [{"id": 7, "category_id": 1, "iscrowd": 0}, {"id": 300, "category_id": 2}, {"id": 9, "category_id": 1}]}], "categories": [{"id": 1, "name": "cat", "isthing": 1}, {"id": 2, "name": "sky", "isthing": 0}]}""");
        var (images, problems) = Read(path);
        Assert.Equal(["a.jpg 3x2: cat 2 [0,0,2,1] | sky 3 [0,1,3,1]"], images);
        Assert.Equal("no pixel of the PNG has the id 9", Assert.Single(problems).What);
        Directory.Delete(Folder.File("panoptic_val"), true);
        Assert.Contains("its PNG 'a.png' is neither in the folder panoptic_val nor beside the json", Assert.Single(Read(path).Problems).What);
    }

    [Fact]
    public void Roboflow_SplitsWithNumbersOfTheirOwn_AreOneSet()
    {
        Write("train/_annotations.coco.json", Coco(Annotation(Square), Image, "{\"id\": 1, \"name\": \"cat\"}, {\"id\": 2, \"name\": \"dog\"}"));
        Write("valid/_annotations.coco.json", Coco(Annotation(Square), Image, "{\"id\": 1, \"name\": \"dog\"}"));
        var (images, problems) = Read(Folder.Path);
        Assert.Equal(["train/a.jpg 20x10: cat 24 [2,2,6,4]", "valid/a.jpg 20x10: dog 24 [2,2,6,4]"], images);
        Assert.Empty(problems);
        using var reader = AnnotationFiles.Open(Folder.Path);
        Assert.Equal([(1L, "cat"), (2L, "dog")], reader.Categories.Select(c => (c.Id, c.Name)));
    }

    [Fact]
    public void RunLengths_OfTheSizeThatTheFileClaims_AreCutToTheImage()
    {
        Picture("pics/a.jpg", 10, 10);
        var (images, _) = Read(Write("in.json", Coco(Annotation("{\"size\": [10, 20], \"counts\": [0, 200]}"))), images: Folder.File("pics"));
        Assert.Equal(["a.jpg 10x10: cat 100 [0,0,10,10]"], images);
    }

    [Fact]
    public void Sections_MissingOrNull_AreEmpty()
    {
        Assert.Equal(["a.jpg 20x10: "], Read(Write("a.json", $"{{\"images\": [{Image}]}}"), AnnotationFormat.Coco).Images);
        Assert.Equal(["a.jpg 20x10: "],
            Read(Write("b.json", $"{{\"images\": [{Image}, 7], \"annotations\": null, \"categories\": 5}}"), AnnotationFormat.Coco).Images);
    }

    /// <summary>Annotations alone are read as they are in a bare list: by the file beside them that declares their images, or by their own names.</summary>
    [Fact]
    public void Annotations_WithoutImages_AreReadAsABareList()
    {
        string path = Write("in.json", $"{{\"info\": {{}}, \"annotations\": [{Result}]}}");
        Assert.Equal(AnnotationFormat.Coco, AnnotationFiles.Recognize(path).Format);
        var (images, problems) = Read(path);
        Assert.Equal(["000000000001.jpg 20x10: 1 12 [2,2,3,4] 0.9"], images);
        Assert.Contains(problems, p => p.What == "key 'images' is missing" && p.Outcome == FormatOutcome.Repaired);
        Strict(path);
        Write("gt.json", Coco(Annotation(Square)));
        Assert.Equal(["a.jpg 20x10: cat 12 [2,2,3,4] 0.9"], Read(path).Images);
        string named = Write("named/in.json", $"{{\"annotations\": [{Result}], \"categories\": [{{\"id\": 1, \"name\": \"dog\"}}]}}");
        Assert.Equal(["000000000001.jpg 20x10: dog 12 [2,2,3,4] 0.9"], Read(named).Images);
        Assert.Contains("no known annotation format", Assert.Throws<AnnotationFileException>(() => Read(Write("other.json",
            """{"annotations": [{"text": "a"}, [1], {"image_id": 1, "bbox": [1, 1, 2, 2]}]}"""))).Message);
    }

    /// <summary>Whatever lies at the border of two buffers.</summary>
    [Fact]
    public void NumbersThatAreNone_AnywhereInALargeFile_AreFound()
    {
        for (int pad = 65_536 - 200; pad < 65_536 + 20; pad += 3)
        {
            string json = Coco(Annotation(Square, "\"bbox\": [NaN, Infinity, -Infinity, NaN], \"t\": \"\\\"NaN\\\\\""));
            var (images, _) = Read(Write("in.json", "{\"x\":\"" + new string('y', pad) + "\"," + json[1..]));
            Assert.Equal(["a.jpg 20x10: cat 24 [2,2,6,4]"], images);
        }
    }

    /// <summary>Of paths of another machine as much is kept as tells the images apart, and all where the images are at hand.</summary>
    [Fact]
    public void ImageNames_ThatArePathsWithOneEnd_StayApart()
    {
        string path = Write("set.json", """
            {"images": [{"id": 1, "file_name": "C:\\data\\x\\a.jpg", "width": 8, "height": 8}, {"id": 2, "file_name": "C:\\data\\y\\a.jpg", "width": 8, "height": 8},
                        {"id": 3, "file_name": "C:\\other\\y\\a.jpg", "width": 8, "height": 8}], "annotations": [], "categories": []}
            """);
        Assert.Equal(["a.jpg 8x8: ", "y/a.jpg 8x8: ", "other/y/a.jpg 8x8: "], Read(path).Images);
        foreach (string folder in new[] { "x", "y" }) Folder.Write($"photos/{folder}/a.jpg", SemanticSam.Imaging.ImageEncoder.Jpeg(new(8, 8)));
        Assert.Equal(["x/a.jpg 8x8: ", "y/a.jpg 8x8: "], Read(path, images: Folder.File("photos")).Images[..2]);
    }

    [Theory]
    [InlineData("\"keypoints\": [1, 2, 2], \"num_keypoints\": 1", "key points alone")]
    [InlineData("\"caption\": \"a cat\"", "it is a caption")]
    [InlineData("\"iscrowd\": 0", "keys 'segmentation' and 'bbox' are missing")]
    public void Annotation_WithoutPixels_SaysWhatItIs(string keys, string said) =>
        Assert.Contains(Read(Write("set.json", $$"""
            {"images": [{"id": 1, "file_name": "a.jpg", "width": 8, "height": 8}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, {{keys}}}],
             "categories": [{"id": 1, "name": "cat"}]}
            """)).Problems, p => p.IsLoss && p.What.Contains(said));

    /// <summary>CVAT writes masks that were painted as crowds; a set of crowds alone has none.</summary>
    [Theory]
    [InlineData(5, 1, false)]
    [InlineData(5, 0, true)] // one is none, so the others are
    [InlineData(4, 1, true)] // so few may be
    public void Crowds_Alone_AreObjects(int count, int first, bool areCrowds)
    {
        string annotations = string.Join(", ", Enumerable.Range(1, count).Select(i => $"{{\"id\": {i}, \"image_id\": 1, \"category_id\": 1, \"iscrowd\": "
            + $"{(i == 1 ? first : 1)}, \"segmentation\": {{\"size\": [10, 20], \"counts\": [22, 4, 174]}}}}"));
        string path = Write("in.json", $$"""
            {"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}], "categories": [{"id": 1, "name": "cat"}],
             "annotations": [{{annotations}}]}
            """);
        var problems = new List<FormatProblem>();
        using var reader = AnnotationFiles.Open(path, null, new() { Problem = problems.Add });
        Assert.Equal(areCrowds, Assert.Single(reader.Read()).Annotations[^1].IsCrowd);
        Assert.Equal(areCrowds ? 0 : 1, problems.Count);
    }

    /// <summary>Where every annotation has CVAT's attributes, its crowds are painted masks, however few they are and whatever is beside them.</summary>
    [Theory]
    [InlineData("{\"occluded\": false}", "{\"occluded\": true, \"rotation\": 0.0}", false)]
    [InlineData("{\"occluded\": false}", "{\"color\": \"red\"}", true)]
    public void Crowds_OfCvat_AreObjects(string first, string second, bool areCrowds)
    {
        string path = Write("in.json", Coco(Annotation(Square, $"\"iscrowd\": 0, \"attributes\": {first}") + ","
            + Annotation("{\"size\": [10, 20], \"counts\": [22, 4, 174]}", $"\"iscrowd\": 1, \"attributes\": {second}", "2")));
        var problems = new List<FormatProblem>();
        using var reader = AnnotationFiles.Open(path, null, new() { Problem = problems.Add });
        Assert.Equal(areCrowds, Assert.Single(reader.Read()).Annotations[^1].IsCrowd);
        if (areCrowds) Assert.Empty(problems);
        else Assert.Equal((FormatOutcome.Noted, "those of run lengths are taken as objects"), (Assert.Single(problems).Outcome, problems[0].Done));
    }
}
