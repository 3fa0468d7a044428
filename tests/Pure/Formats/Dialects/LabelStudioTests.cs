using SemanticSam.Formats;
using SemanticSam.Formats.LabelStudio;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

public sealed class LabelStudioTests : DialectFolder
{
    private static string Item(string id, string type, string value) =>
        $"{{\"original_width\": 200, \"original_height\": 100, \"id\": \"{id}\", \"from_name\": \"x\", \"to_name\": \"image\", \"type\": \"{type}\", " +
            $"\"value\": {{{value}}}}}";

    private static string Task(string result, string more = "") =>
        $"{{\"id\": 2, \"annotations\": [{{\"id\": 2, \"result\": [{result}], \"was_cancelled\": false}}], \"data\": {{\"image\": " +
            $"\"/data/upload/2/fbc29349-cat.png\"}}{more}}}";

    private static readonly string Rectangle = Item("a", "rectanglelabels",
        "\"x\": 10, \"y\": 10, \"width\": 20, \"height\": 30, \"rotation\": 0, \"rectanglelabels\": [\"head\"]");

    /// <summary>Twelve pixels of four bytes, as the library that Label Studio uses packs them: a count, sizes, then stretches and runs.</summary>
    private static byte[] Packed(byte[] rgba)
    {
        var bits = new List<int>();
        void Put(long value, int count)
        {
            for (int i = count - 1; i >= 0; i--) bits.Add((int)(value >> i & 1));
        }
        Put(rgba.Length, 32);
        Put(7, 5);
        foreach (int size in (int[])[2, 3, 7, 15]) Put(size, 4);
        for (int at = 0; at < rgba.Length;)
        {
            int run = 1;
            while (at + run < rgba.Length && rgba[at + run] == rgba[at] && run < 16) run++;
            if (run > 2)
            {
                Put(1, 1);
                Put(1, 2);
                Put(run - 1, 4);
                Put(rgba[at], 8);
            }
            else
            {
                Put(0, 1);
                Put(0, 2);
                Put(run - 1, 3);
                for (int i = 0; i < run; i++) Put(rgba[at + i], 8);
            }
            at += run;
        }
        while (bits.Count % 8 != 0) bits.Add(0);
        return [.. bits.Chunk(8).Select(b => (byte)b.Aggregate(0, (v, bit) => v << 1 | bit))];
    }

    [Fact]
    public void Brush_Unpacked_IsItsAlpha()
    {
        byte[] inside = [0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1];
        byte[] packed = Packed([.. inside.SelectMany(i => i == 1 ? new byte[] { 255, 0, 9, 255 } : [255, 255, 255, 0])]);
        Assert.Equal(Rle.FromBytes(inside, 3, 4), BrushRuns.Decode(packed, 3, 4));
        Assert.Throws<FormatException>(() => BrushRuns.Decode(packed, 4, 4));
        for (int length = 0; length < packed.Length - 1; length++) Assert.Throws<FormatException>(() => BrushRuns.Decode(packed[..length], 3, 4));
    }

    [Fact]
    public void Export_RegionsOfEveryType_AreRead()
    {
        string path = Write("export.json", $"[{Task(string.Join(", ",
            Rectangle,
            Item("b", "polygonlabels", "\"points\": [[50, 10], [60, 10], [60, 20], [50, 20]], \"polygonlabels\": [\"ear\"]"),
            Item("c", "ellipselabels", "\"x\": 50, \"y\": 50, \"radiusX\": 5, \"radiusY\": 10, \"ellipselabels\": [\"nose\"]"),
            Item("d", "rectanglelabels", "\"x\": 50, \"y\": 50, \"width\": 10, \"height\": 40, \"rotation\": 90, \"rectanglelabels\": [\"arm\"]"),
            Item("e", "keypointlabels", "\"x\": 45, \"y\": 60, \"width\": 1, \"keypointlabels\": [\"tip\"]"),
            Item("f", "rectangle", "\"x\": 0, \"y\": 0, \"width\": 10, \"height\": 10"),
            Item("f", "labels", "\"x\": 0, \"y\": 0, \"width\": 10, \"height\": 10, \"labels\": [\"box\"]"),
            "{\"type\": \"choices\", \"value\": {\"choices\": [\"good\"]}}",
            "{\"type\": \"relation\", \"from_id\": \"b\", \"to_id\": \"a\", \"direction\": \"right\", \"labels\": [\"part of\"]}",
            "{\"type\": \"relation\", \"from_id\": \"a\", \"to_id\": \"c\", \"direction\": \"left\", \"labels\": [\"Part of\"]}",
            "{\"type\": \"relation\", \"from_id\": \"a\", \"to_id\": \"d\", \"direction\": \"right\", \"labels\": [\"has part\"]}",
            "{\"type\": \"relation\", \"from_id\": \"f\", \"to_id\": \"a\", \"labels\": [\"likes\"]}"))}, "
            + $"{{\"id\": 3, \"annotations\": [{{\"result\": [], \"was_cancelled\": true}}], \"data\": {{\"image\": \"b.png\"}}}}]");
        var (images, problems) = Read(path);
        Assert.Equal(["fbc29349-cat.png 200x100: head 1200 [20,10,40,30] | ear 200 [100,10,20,10] in 1 | nose 316 [90,40,20,20] in 1 | arm 800 [60,50,40,20] " +
            "in 1 | box 200 [0,0,20,10]"], images);
        Assert.Equal(["left out", "they are not kept", "its image is not taken"],
            problems.Select(p => p.Done).Order(StringComparer.Ordinal).OrderBy(d => d.Length));
        Picture("pics/cat.png", 200, 100);
        Assert.Single(Read(path, images: Folder.File("pics")).Images); // found without the prefix
    }

    [Fact]
    public void Minimal_Export_IsRead()
    {
        string path =
            Write("min.json",
            """[{"image": "https://x.example/u/a.png?t=1", "id": 1, "rect": [{"x": 10, "y": 10, "width": 20, "height": 30, "rotation": 0, "rectanglelabels": ["head"], "original_width": 200, "original_height": 100}], "quality": "good", "annotator": 1, "annotation_id": 5, "lead_time": 3.2}]""");
        Assert.Equal(["a.png 200x100: head 1200 [20,10,40,30]"], Read(path).Images);
        Assert.Equal(AnnotationFormat.LabelStudio, AnnotationFiles.Recognize(path).Format);
    }

    private const string Size = "\"original_width\": 200, \"original_height\": 100";
    private const string First = "\"x\": 10, \"y\": 10, \"width\": 20, \"height\": 30, \"rotation\": 0, " + Size;
    private const string Second = "\"x\": 50.5, \"y\": 50, \"width\": 10, \"height\": 40, \"rotation\": 0, " + Size;
    private const string Outline = "\"points\": [[50, 10], [60, 10], [60, 20], [50, 20]], \"closed\": true, " + Size;
    private const string Two = "head 1200 [20,10,40,30] | ear 800 [101,50,20,40]";

    /// <summary>Each control repeats the place of a region that it says something of.</summary>
    [Theory]
    [InlineData("\"bbox\": [{A}, {B}], \"label\": [{A, \"labels\": [\"head\"]}, {B, \"labels\": [\"ear\"]}], \"text\": [\"hello\"]", Two)]
    [InlineData("\"label\": [{A, \"rectanglelabels\": [\"head\"]}, {B, \"rectanglelabels\": [\"ear\"]}], \"quality\": [{A, \"choices\": [\"good\"]}]", Two)]
    [InlineData("\"quality\": [{B, \"rating\": 4}], \"label\": [{A, \"rectanglelabels\": [\"head\"]}, {B, \"rectanglelabels\": [\"ear\"]}]",
        "ear 800 [101,50,20,40] | head 1200 [20,10,40,30]")]
    [InlineData("\"label\": [{C, \"polygonlabels\": [\"ear\"]}], \"color\": [{C, \"choices\": [\"red\"]}], \"score\": [{C, \"rating\": 4}]",
        "ear 200 [100,10,20,10]")]
    [InlineData("\"label\": [{A, \"rectanglelabels\": [\"head\"]}], \"text\": [\"t\", {A, \"text\": []}, {B, \"text\": [\"a\", \"b\"]}]",
        "head 1200 [20,10,40,30] | - 800 [101,50,20,40]")]
    [InlineData("\"label\": [{A, \"rectanglelabels\": [\"head\"]}, {A, \"rectanglelabels\": [\"hat\"]}], \"quality\": [{A, \"choices\": [\"good\"]}]",
        "head 1200 [20,10,40,30] | hat 1200 [20,10,40,30]")]
    public void Minimal_ControlsOfARegion_AreOneObject(string controls, string expected)
    {
        string task = controls.Replace("A", First).Replace("B", Second).Replace("C", Outline);
        var (images, problems) = Read(Write("min.json", $"[{{\"image\": \"/u/a.png\", \"id\": 1, {task}, \"annotator\": 1, \"annotation_id\": 5}}]"));
        Assert.Equal([$"a.png 200x100: {expected}"], images);
        Assert.Empty(problems);
    }

    [Fact]
    public void Minimal_TwoNamesOfARegion_GiveTheFirstAndSaySo()
    {
        var (images, problems) = Read(Write("min.json", $"[{{\"image\": \"/u/a.png\", \"kind\": [{{{First}, \"rectanglelabels\": [\"head\"]}}], "
            + $"\"side\": [{{{First}, \"labels\": [\"left\"]}}], \"annotation_id\": 5}}]"));
        Assert.Equal(["a.png 200x100: head 1200 [20,10,40,30]"], images);
        Assert.Contains("several labels", Assert.Single(problems).What);
    }

    [Theory]
    [InlineData("\"annotations\": [], \"predictions\": [{\"result\": [R]}]", "head 1200 [20,10,40,30]", "its prediction is taken")]
    [InlineData("\"annotations\": [{\"result\": [], \"was_cancelled\": false}, {\"result\": [R], \"ground_truth\": true}]", "head 1200 [20,10,40,30]",
        "the true one is taken, else the first")]
    [InlineData("\"completions\": [{\"result\": [R]}]", "head 1200 [20,10,40,30]", null)]
    public void Annotations_NoneOrSeveral_OneIsTaken(string annotations, string expected, string? done)
    {
        var (images, problems) = Read(Write("e.json", $"[{{\"id\": 1, \"data\": {{\"photo\": \"a.png\"}}, {annotations.Replace("R", Rectangle)}}}]"));
        Assert.Equal([$"a.png 200x100: {expected}"], images);
        Assert.Equal(done is null ? [] : [done], problems.Select(p => p.Done));
    }

    [Fact]
    public void Task_WithoutRegions_HasItsImagesSize()
    {
        string path = Write("e.json", $"[{Task("")}]");
        Assert.Equal(AnnotationNeed.Images, Assert.Single(Read(path).Problems).Need);
        Picture("pics/fbc29349-cat.png", 200, 100);
        Assert.Equal(["fbc29349-cat.png 200x100: "], Read(path, images: Folder.File("pics")).Images);
    }

    /// <summary>Tasks of several pages: each region belongs to the page that it names, relations go across.</summary>
    [Fact]
    public void Task_OfSeveralImages_GivesEach()
    {
        string Page(string id, string label, int page) => Item(id, "rectanglelabels",
            $"\"x\": 10, \"y\": 10, \"width\": 20, \"height\": 30, \"rectanglelabels\": [\"{label}\"]")
            .Replace("\"from_name\"", $"\"item_index\": {page}, \"from_name\"");
        string result = string.Join(", ", Page("a", "cat", 0), Page("b", "dog", 2), Page("c", "tail", 2), Page("d", "lost", 7),
            "{\"type\": \"relation\", \"from_id\": \"c\", \"to_id\": \"b\", \"labels\": [\"part of\"]}");
        string path = Write("in.json", $"[{{\"id\": 2, \"annotations\": [{{\"result\": [{result}]}}], "
            + "\"data\": {\"pages\": [\"/u/1-a.png\", \"/u/b.png\", \"/u/c.png\"]}}]");
        var (images, problems) = Read(path);
        Assert.Equal(["1-a.png 200x100: cat 1200 [20,10,40,30]", "c.png 200x100: dog 1200 [20,10,40,30] | tail 1200 [20,10,40,30] in 1"], images);
        Assert.Equal(["in.json: task 2: a region is of image 8, and the task has 3; left out.",
            "in.json: task 2: image 2 of 3 has no region; it is not taken."], problems.Select(p => p.ToString()));
    }

    [Fact]
    public void Task_OfAVideo_SaysSo() => Assert.Contains("it is of a video", Assert.Single(Read(Write("in.json",
        """[{"id": 2, "annotations": [{"result": [{"type": "videorectangle", "value": {"sequence": []}}]}], "data": {"video": "a"}, "file_upload": "a"}]"""))
        .Problems).ToString());

    /// <summary>Drawn from the bottom up.</summary>
    [Fact]
    public void Rectangle_OfNegativeHeight_IsThatRectangle()
    {
        string item = Item("a", "rectanglelabels", "\"x\": 10, \"y\": 40, \"width\": 20, \"height\": -30, \"rectanglelabels\": [\"head\"]");
        Assert.Equal(["fbc29349-cat.png 200x100: head 1200 [20,10,40,30]"], Read(Write("in.json", $"[{Task(item)}]")).Images);
    }

    private const string TwoLabels = """{"original_width": 100, "original_height": 50, "id": "a", "type": "rectanglelabels", "value": {"x": 20, "y": 20, "width": 40, "height": 60, "rotation": 0, "rectanglelabels": ["head", "face"]}}""";

    [Theory]
    [InlineData($$$"""{"id": 1, "annotations": [{"result": [{{{TwoLabels}}}]}], "data": {"image": "x.jpg"}}""")] // a task alone
    [InlineData($$$"""{"id": 9, "result": [{{{TwoLabels}}}], "task": {"id": 1, "data": {"image": "x.jpg"}}, "completed_by": 1}""")] // an annotation in a storage
    public void Object_Alone_IsATask(string json)
    {
        var (images, problems) = Read(Write("in.json", json));
        Assert.Equal(["x.jpg 100x50: head 1200 [20,10,40,30]"], images);
        Assert.Equal("the first of each is taken", Assert.Single(problems).Done);
    }

    [Fact]
    public void Region_WithoutAValue_IsTold() => Assert.Contains(Read(Write("in.json",
        $$$"""[{"id": 1, "annotations": [{"result": [{{{TwoLabels}}}, {"id": "z", "type": "polygonlabels", "value": null}]}], "data": {"image": "x.jpg"}}]""")).Problems,
        p => p is { IsLoss: true, What: "key 'value' is missing" } && p.Place.Contains("region z"));

    [Theory]
    [InlineData("\"image\": \"DATA\"", "task_2.png", true)] // no name at all
    [InlineData("\"image\": \"DATA\", \"source\": \"photos/b.jpg\"", "b.jpg", false)] // another key has it
    [InlineData("\"picture\": \"DATA\"", "task_2.png", true)]
    public void Task_WithItsImageInside_HasItsSize(string data, string name, bool isSaid)
    {
        string png = $"data:image/png;base64,{Convert.ToBase64String(SemanticSam.Imaging.ImageEncoder.Png(new SemanticSam.Imaging.RgbImage(20, 10)))}";
        string task = $"{{\"id\": 2, \"annotations\": [], \"data\": {{{data.Replace("DATA", png, StringComparison.Ordinal)}}}}}";
        var (images, problems) = Read(Write("in.json", $"[{task}]"));
        Assert.Equal([$"{name} 20x10: "], images);
        Assert.Equal(isSaid ? 2 : 1, problems.Count); // the other says that nothing else tells the size
        // What is inside decides, as an image that is at hand does.
        (images, problems) = Read(Write("in.json", $"[{task.Replace("[]", $"[{{\"result\": [{Rectangle}]}}]", StringComparison.Ordinal)}]"));
        Assert.Equal([$"{name} 20x10: head 12 [2,1,4,3]"], images);
        Assert.Contains(problems, p => p.Outcome == FormatOutcome.Repaired && p.What.Contains("200 x 100", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("data:image/png;base64,%%%")]
    [InlineData("data:image/png;base64,")]
    [InlineData("data:text/plain,hello")]
    public void Task_WithADamagedImageInside_IsToldWithoutIt(string data) => Assert.Contains(Read(Write("in.json",
        $"[{{\"id\": 2, \"annotations\": [], \"data\": {{\"image\": \"{data}\"}}}}]")).Problems, p => p.IsLoss);

    [Fact]
    public void Task_WithAnAddressUnderItsOwnKey_TakesIt()
    {
        string task = $"{{\"id\": 2, \"annotations\": [{{\"result\": [{Rectangle}]}}], \"data\": {{\"frame\": \"s3://bucket/abc\", \"note\": \"hello\"}}}}";
        var (images, problems) = Read(Write("in.json", $"[{task}]"));
        Assert.Equal(["abc 200x100: head 1200 [20,10,40,30]"], images);
        Assert.Equal(FormatOutcome.Noted, Assert.Single(problems).Outcome);
    }
}
