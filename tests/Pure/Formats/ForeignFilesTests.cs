using System.Text;
using SemanticSam.Formats;
using SemanticSam.Formats.Png;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>Files as the tools themselves lay them out, and what is wrong with damaged and hostile ones.</summary>
public sealed class ForeignFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        return _folder.Write(name, Encoding.UTF8.GetBytes(text));
    }

    private static (List<AnnotatedImage> Images, List<string> Problems) Read(string path, AnnotationFormat? format = null,
        string? images = null, string? names = null)
    {
        var problems = new List<string>();
        using var reader = AnnotationFiles.Open(path, format, new() { Problem = p => problems.Add(p.ToString()), Images = images, Names = names });
        return ([.. reader.Read()], problems);
    }

    private const string LabelMe = """
        {"version": "5.4.1", "flags": {}, "shapes": [
           {"label": "cat", "points": [[2.4, 1.7], [6.9, 1.2], [6.1, 4.8], [2.0, 4.0]], "group_id": null, "description": "", "shape_type": "polygon", "flags": {}, "mask": null},
           {"label": "dog", "points": [[0, 0], [1, 1]], "group_id": 3, "shape_type": "rectangle", "flags": {}},
           {"label": "dog", "points": [[8.0, 6.0], [9.9, 7.9]], "group_id": 3, "shape_type": "rectangle", "flags": {}},
           {"label": "ball", "points": [[10.0, 3.0], [12.0, 3.0]], "group_id": null, "shape_type": "circle", "flags": {}},
           {"label": "tip", "points": [[3, 3]], "group_id": null, "shape_type": "point", "flags": {}},
           {"label": "edge", "points": [[3, 3], [4, 4]], "group_id": null, "shape_type": "line", "flags": {}},
           {"label": "bit", "points": [[5.0, 6.0], [7.0, 7.0]], "group_id": null, "shape_type": "mask", "flags": {}, "mask": "MASK"}],
         "imagePath": "../images/IMG_1.jpg", "imageData": null, "imageHeight": 9, "imageWidth": 14}
        """;

    [Fact]
    public void LabelMe_ShapesOfEveryType_AreReadAndTheRestIsReported()
    {
        string png = Convert.ToBase64String(ImageEncoder.Png(Rle.FromBytes([1, 0, 1, 0, 1, 0], 2, 3)));
        var (images, problems) = Read(Write("ann/IMG_1.json", LabelMe.Replace("MASK", png)));
        var image = Assert.Single(images);
        Assert.Equal(("IMG_1.jpg", 14, 9), (image.FileName, image.Width, image.Height));
        Assert.Equal(["cat", "dog", "ball", "bit"], image.Annotations.Select(a => a.Category));
        // Corners cut down to (2,1), (6,1), (6,4), (2,4), outline included.
        Assert.Equal(Rle.FromBox(9, 14, new(2, 1, 7, 5)), image.Annotations[0].Mask);
        Assert.Equal(Rle.FromBox(9, 14, new(0, 0, 2, 2)).Union(Rle.FromBox(9, 14, new(8, 6, 10, 8))), image.Annotations[1].Mask);
        Assert.Equal(3, image.Annotations[1].Group);
        Assert.Equal((8, 1, 5, 5), image.Annotations[2].Mask.BoxXywh);
        Assert.Equal(13, image.Annotations[2].Mask.Area);
        Assert.Equal(Rle.FromBytes([1, 0, 1, 0, 1, 0], 2, 3).Paste(5, 6, 9, 14), image.Annotations[3].Mask);
        Assert.Equal(["IMG_1.json: shapes[4]: a shape of type 'point' has no pixels; left out.",
            "IMG_1.json: shapes[5]: a shape of type 'line' has no pixels; left out."], problems);
    }

    [Theory]
    [InlineData("\"imageHeight\": 9", "\"imageHeight\": -9", "width or height of its image are missing or wrong")]
    [InlineData("\"imageHeight\": 9", "\"imageHeight\": 900000000", "width or height of its image are missing or wrong")]
    [InlineData("\"imageHeight\": 9, ", "", "width or height of its image are missing or wrong")]
    [InlineData("[[0, 0], [1, 1]]", "[[0, 0]]", "shapes[1]: a rectangle has 2 points, here are 1")]
    [InlineData("[[0, 0], [1, 1]]", "[[0, 0], [1, 1e99]]", "lies far outside")]
    [InlineData("[[0, 0], [1, 1]]", "7", "shapes[1]: points has to be a list")]
    [InlineData("MASK", "!!", "shapes[6]: its mask cannot be read")]
    [InlineData("MASK", "AAAA", "shapes[6]: its mask cannot be read")]
    [InlineData("[7.0, 7.0]", "[700000.0, 7.0]", "its mask is not inside 14 x 9")]
    public void LabelMe_Damaged_SaysWhatAndWhere(string from, string to, string message)
    {
        var (_, problems) = Read(Write("x.json", LabelMe.Replace(from, to)));
        Assert.Contains(problems, p => p.StartsWith("x.json: ", StringComparison.Ordinal) && p.Contains(message));
    }

    [Fact]
    public void LabelMe_EarlyVersionWithoutSize_TakesItFromTheImage()
    {
        const string early = """
            {"imageData": DATA, "shapes": [{"fill_color": null, "line_color": null, "label": "car", "points": [[1.9, 1.2], [5.9, 1.9], [5.0, 4.9]]}],
             "fillColor": [255, 0, 0, 128], "lineColor": [0, 255, 0, 128], "imagePath": "q.png"}
            """;
        string path = Write("early/q.json", early.Replace("DATA", "null"));
        Assert.Contains("width or height of its image are missing or wrong, and the image is not at hand to tell them", Assert.Single(Read(path).Problems));
        byte[] png = ImageEncoder.Png(new RgbImage(14, 9));
        _folder.Write("early/q.png", png);
        var beside = Assert.Single(Read(path).Images);
        Assert.Equal(("q.png", 14, 9), (beside.FileName, beside.Width, beside.Height));
        var inside = Assert.Single(Read(Write("inside.json", early.Replace("DATA", $"\"{Convert.ToBase64String(png)}\""))).Images);
        Assert.Equal((14, 9), (inside.Width, inside.Height));
        Assert.Equal((1, 1, 5, 4), Assert.Single(inside.Annotations).Mask.BoxXywh);
    }

    /// <summary>Polygons that LabelMe's own exporter wrote, with the areas and boxes that it computed by Pillow.</summary>
    [Theory]
    [InlineData(7256, 408, 168, 90, 91, "413.936170212766, 168.94844517184944, 497.936170212766, 168.94844517184944, 497.936170212766, 256.94844517184936, " +
        "431.936170212766, 258.94844517184936, 430.936170212766, 236.94844517184944, 408.936170212766, 218.94844517184944")]
    [InlineData(996, 400, 82, 49, 33, "425.936170212766, 82.56382978723406, 404.936170212766, 109.56382978723406, 400.936170212766, 114.56382978723406, " +
        "437.936170212766, 114.56382978723406, 448.936170212766, 102.56382978723406, 446.936170212766, 91.56382978723406")]
    public void Polygon_InclusiveRule_HasLabelMesBoxAndNearlyItsArea(int area, int x, int y, int width, int height, string points)
    {
        var polygon = points.Split(", ").Select(n => double.Parse(n, System.Globalization.CultureInfo.InvariantCulture)).Chunk(2)
            .Select(p => (p[0], p[1])).ToArray();
        var mask = PolygonPixels.Fill([polygon], 375, 500, PolygonRule.Inclusive);
        Assert.Equal((x, y, width, height), mask.BoxXywh);
        Assert.InRange(mask.Area, area, area * 1.01);
    }

    private const string Cvat = """
        <?xml version="1.0" encoding="utf-8"?>
        <annotations>
          <version>1.1</version>
          <meta><task><id>7</id><name>t</name><size>2</size><mode>annotation</mode>
            <labels><label><name>car</name><color>#fa3253</color><type>any</type><attributes><attribute><name>make</name><mutable>False</mutable><input_type>select</input_type><default_value>a</default_value><values>a
        b</values></attribute></attributes></label><label><name>tree</name><attributes></attributes></label></labels></task><dumped>2024-01-01</dumped></meta>
          <image id="0" name="set/a 1.jpg" width="14" height="9">
            <box label="car" source="manual" occluded="1" xtl="1.00" ytl="2.00" xbr="5.00" ybr="4.00" z_order="0"><attribute name="make">a</attribute></box>
            <polygon label="tree" source="manual" occluded="0" points="6.00,1.00;9.00,1.00;9.00,3.00;6.00,3.00" z_order="0" group_id="1"></polygon>
            <polygon label="tree" source="manual" occluded="0" points="10.00,1.00;12.00,1.00;12.00,3.00;10.00,3.00" z_order="0" group_id="1"></polygon>
            <mask label="car" source="semi-auto" occluded="0" rle="1, 2, 2, 1" left="3" top="6" width="3" height="2" z_order="0"></mask>
            <box label="car" xtl="4" ytl="4" xbr="10" ybr="6" rotation="90.0" z_order="0"></box>
            <ellipse label="tree" cx="7.00" cy="4.00" rx="2.00" ry="1.00" z_order="0"></ellipse>
            <polyline label="car" points="1,1;2,2"/>
            <points label="car" points="1,1"/>
            <tag label="car"></tag>
          </image>
          <image id="1" name="set/b.jpg" width="3" height="2"></image>
        </annotations>
        """;

    [Fact]
    public void Cvat_ShapesOfEveryType_AreReadAndTheRestIsReported()
    {
        string path = Write("annotations.xml", Cvat);
        var (images, problems) = Read(path);
        Assert.Equal(["set/a 1.jpg", "set/b.jpg"], images.Select(p => p.FileName));
        var a = images[0].Annotations;
        Assert.Equal(["car", "tree", "car", "car", "tree"], a.Select(x => x.Category));
        Assert.Equal(Rle.FromBox(9, 14, new(1, 2, 5, 4)), a[0].Mask);
        Assert.Equal(Rle.FromBox(9, 14, new(6, 1, 9, 3)).Union(Rle.FromBox(9, 14, new(10, 1, 12, 3))), a[1].Mask);
        Assert.Equal(1, a[1].Group);
        Assert.Equal(Rle.FromBytes([0, 1, 1, 0, 0, 1], 2, 3).Paste(3, 6, 9, 14), a[2].Mask);
        Assert.Equal(Rle.FromBox(9, 14, new(6, 2, 8, 8)), a[3].Mask); // 6 x 2 turned upright around (7, 5)
        Assert.Equal((5, 3, 4, 2), a[4].Mask.BoxXywh);
        Assert.Equal(2, problems.Count);
        Assert.Contains("line 14: polyline of 'set/a 1.jpg': a shape of type 'polyline' has no pixels; left out", problems[0]);
        using var reader = AnnotationFiles.Open(path);
        Assert.Equal(["car", "tree"], reader.Categories.Select(c => c.Name));
        Assert.Equal(2, reader.Count);
    }

    [Theory]
    [InlineData("width=\"14\"", "width=\"1x\"", "line 7: image of 'set/a 1.jpg': width is '1x'")]
    [InlineData("width=\"14\"", "width=\"2000000000\"", "width is 2000000000")]
    [InlineData("6.00,1.00;9.00", "6.00;9.00", "line 9: polygon of 'set/a 1.jpg': '6.00' is not a point")]
    [InlineData("rle=\"1, 2, 2, 1\"", "rle=\"1, 2, 2, 9\"", "line 11: mask of 'set/a 1.jpg': '9' is not a run length")]
    [InlineData("rle=\"1, 2, 2, 1\"", "rle=\"1, -2\"", "'-2' is not a run length")]
    [InlineData("left=\"3\"", "left=\"13\"", "is not inside 14 x 9")]
    [InlineData("width=\"3\" height=\"2\" z", "width=\"999999\" height=\"999999\" z", "is not inside 14 x 9")]
    [InlineData("xtl=\"1.00\"", "xtl=\"1e30\"", "xtl is '1e30'")]
    [InlineData("<box label=\"car\" source", "<box source", "attribute label is missing")]
    public void Cvat_Damaged_SaysWhatAndWhere(string from, string to, string message)
    {
        var (_, problems) = Read(Write("a.xml", Cvat.Replace(from, to)));
        Assert.Contains(problems, p => p.StartsWith("a.xml: ", StringComparison.Ordinal) && p.Contains(message));
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>")]
    [InlineData("<!DOCTYPE a SYSTEM \"http://localhost:1/a.dtd\">")]
    [InlineData("<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>")]
    public void Cvat_WithADtd_IsRefused(string dtd)
    {
        string path = Write("x.xml", Cvat.Replace("<annotations>", dtd + "<annotations>").Replace("\"tree\"", "\"&x;\""));
        Assert.Contains("has a DTD, which is refused", Assert.Throws<AnnotationFileException>(() => Read(path)).Message);
    }

    [Fact]
    public void Cvat_CutAnywhereOrOfAnotherKind_IsAnError()
    {
        for (int length = 60; length < Cvat.Length - 20; length += 97)
            Assert.StartsWith("a.xml: ", Assert.Throws<AnnotationFileException>(() => Read(Write("a.xml", Cvat[..length]), AnnotationFormat.Cvat)).Message);
        Assert.Contains("no known annotation format", Assert.Throws<AnnotationFileException>(() => Read(Write("w.xml", "<html></html>"))).Message);
    }

    [Theory]
    [InlineData("names:\n  0: person # a comment\n  1: 'traffic light'\n  5: \"a \\\"b\\\": c # d\"\nnc: 3\n")]
    [InlineData("nc: 6\nnames: [person, 'traffic light', x, y, z, \"a \\\"b\\\": c # d\"] # list\n")]
    [InlineData("names:\n- person\n- traffic light\n- x\n- y\n- z\n- \"a \\\"b\\\": c # d\"\n")]
    [InlineData("path: .\nnames: {0: person, 1: traffic light,\n  5: \"a \\\"b\\\": c # d\"}\n")]
    public void Yolo_NamesInAnyStyle_AreRead(string yaml)
    {
        File.WriteAllBytes(Write("set/images/train/a.png", ""), ImageEncoder.Png(new RgbImage(10, 8)));
        Write("set/data.yaml", yaml);
        Write("set/labels/train/a.txt", "1 0.1 0.125 0.5 0.125 0.5 0.5 0.1 0.5\n\n5 0.5 0.5 0.4 0.5\n");
        var (images, problems) = Read(_folder.File("set"));
        Assert.Empty(problems);
        var image = Assert.Single(images);
        Assert.Equal(("train/a.png", 10, 8), (image.FileName, image.Width, image.Height));
        Assert.Equal(["traffic light", "a \"b\": c # d"], image.Annotations.Select(a => a.Category));
        Assert.Equal(Rle.FromBox(8, 10, new(1, 1, 6, 5)), image.Annotations[0].Mask); // as fillPoly: the outline belongs to it
        Assert.Equal(Rle.FromBox(8, 10, new(3, 2, 7, 6)), image.Annotations[1].Mask); // a box: center (5, 4), 4 x 4
    }

    [Theory]
    [InlineData("0 0.1 0.1 0.9 0.1 1.9", "a.txt: line 2: 5 coordinates; a polygon has an even number of them")]
    [InlineData("x 0.1 0.1 0.9 0.1 0.9 0.9", "a.txt: line 2: 'x' is not a class index")]
    [InlineData("0 0.1 0.1 12 0.1 0.9 0.9", "a.txt: line 2: '12' is not a share of a side")]
    [InlineData("0 0.1 0.1 NaN 0.1 0.9 0.9", "a.txt: line 2: 'NaN' is not a share of a side")]
    public void Yolo_BadLine_IsReportedAndLeftOut(string line, string message)
    {
        File.WriteAllBytes(Write("set/images/a.png", ""), ImageEncoder.Png(new RgbImage(10, 8)));
        Write("set/data.yaml", "names: [car]");
        Write("set/labels/a.txt", "0 0 0 0.9 0 0.9 0.9\n" + line + "\n");
        Write("set/labels/b.txt", "0 0 0 0.9 0 0.9 0.9\n");
        var (images, problems) = Read(_folder.File("set"));
        Assert.Single(Assert.Single(images).Annotations);
        Assert.Contains(problems, p => p.StartsWith(message, StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("b.txt: there is no image b.jpg", StringComparison.Ordinal));
    }

    [Fact]
    public void IndexPng_VocLikeWithNames_GivesOneMaskAClass()
    {
        ushort[] values = [0, 0, 1, 1, 255, 2, 0, 2];
        _folder.Write("v.png", PngCodec.Encode(values, 4, 2, IndexPng.Palette));
        var (images, _) = Read(_folder.File("v.png"), names: Write("names.txt", "background\naeroplane\nbicycle\n"));
        Assert.Equal([("aeroplane", 2), ("bicycle", 2)], Assert.Single(images).Annotations.Select(a => (a.Category!, a.Mask.Area)));
        Assert.Equal((128, 0, 0), (IndexPng.Palette[1].R, IndexPng.Palette[1].G, IndexPng.Palette[1].B));
        Assert.Equal(AnnotationNeed.Names, Assert.Throws<AnnotationFileException>(() => Read(_folder.File("v.png"))).Need);
    }

    [Fact]
    public void IndexPng_DamagedOrOfColors_NamesTheFile()
    {
        string names = Write("names.txt", "background\nthing\n");
        _folder.Write("v.png", ImageEncoder.Png(new RgbImage(5, 5, [.. Enumerable.Range(0, 75).Select(i => (byte)i)])));
        Assert.Contains("v.png: it is a PNG of colors", Assert.Single(Read(_folder.File("v.png"), names: names).Problems));
        _folder.Write("v.png", PngCodec.Encode(new ushort[8], 4, 2, IndexPng.Palette)[..^20]);
        Assert.Contains("v.png: it is a PNG that is cut off", Assert.Single(Read(_folder.File("v.png"), names: names).Problems));
    }

    [Theory]
    [InlineData("../secret.png")]
    [InlineData("/etc/hosts")]
    public void IndexAndMaskPng_NameThatLeadsOut_IsRefused(string png)
    {
        string index = Write("i/a.json",
            $$"""{"format": "semsam-index-png", "png": "{{png}}", "image": {"file_name": "a.jpg", "width": 4, "height": 2}, "annotations": []}""");
        Assert.Contains("is not a path below a folder", Assert.Single(Read(index).Problems));
        string mask = Write("m/masks.json",
            $$"""{"format": "semsam-mask-png", "image": {"file_name": "a.jpg", "width": 4, "height": 2}, "annotations": [{"png": "{{png}}"}]}""");
        Assert.Contains("is not a path below a folder", Assert.Single(Read(mask).Problems));
    }

    [Fact]
    public void Recognize_UnknownOrMixed_SaysWhatThereIs()
    {
        Assert.Throws<FileNotFoundException>(() => AnnotationFiles.Recognize(_folder.File("missing")));
        Assert.Contains("no known annotation format",
            Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Recognize(Write("a.json", "{\"a\": 1}"))).Message);
        Assert.Contains("no known annotation format", Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Recognize(Write("b.json", ""))).Message);
        Write("mixed/a.json", LabelMe);
        Write("mixed/b.json", "{\"images\": [], \"annotations\": [], \"categories\": []}");
        Assert.Contains("several formats (labelme, coco)",
            Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Recognize(_folder.File("mixed"))).Message);
        Write("mixed/c.json", "{\"categories\": [], \"images\": [], \"annotations\": []}");
        File.Delete(_folder.File("mixed/a.json"));
        Assert.Contains("holds 2 COCO files", Assert.Throws<AnnotationFileException>(() => AnnotationFiles.Recognize(_folder.File("mixed"))).Message);
    }
}
