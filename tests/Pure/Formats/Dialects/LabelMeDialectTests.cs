using System.Text;
using SemanticSam.Formats;
using SemanticSam.Formats.Text;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>LabelMe files of other programs, versions and encodings.</summary>
public sealed class LabelMeDialectTests : DialectFolder
{
    private static string Json(string shapes, string more = "\"imagePath\": \"a.jpg\", \"imageData\": null, \"imageHeight\": 40, \"imageWidth\": 60") =>
        $"{{\"version\": \"3.0.0\", \"flags\": {{}}, \"shapes\": [{shapes}], {more}}}";

    private const string Corners = "[[10, 10], [30, 10], [30, 20], [10, 20]]", Turned = "[[30, 10], [40, 20], [30, 30], [20, 20]]",
        Cat = "cat 231 [10,10,21,11]";

    [Theory]
    [InlineData("\"shape_type\": \"rectangle\", \"score\": 0.9, \"points\": " + Corners, "cat 231 [10,10,21,11] 0.9")]
    [InlineData("\"shape_type\": \"rectangle\", \"points\": [[30, 20], [10, 10]]", Cat)]
    [InlineData("\"shape_type\": \"rotation\", \"direction\": 0.785, \"points\": " + Turned, "cat 221 [20,10,21,21]")]
    [InlineData("\"shape_type\": \"quadrilateral\", \"points\": " + Turned, "cat 221 [20,10,21,21]")]
    [InlineData("\"shape_type\": \"oriented_rectangle\", \"points\": " + Turned, "cat 221 [20,10,21,21]")]
    [InlineData("\"shape_type\": \"Polygon\", \"points\": " + Corners, Cat)]
    [InlineData("\"shape_type\": null, \"points\": " + Corners, Cat)]
    [InlineData("\"points\": [[\"10\", \"10\"], [30, 10, 1], [30, 20], [10, 20]]", Cat)]
    [InlineData("\"shape_type\": \"blob\", \"points\": " + Corners, Cat)]
    [InlineData("\"shape_type\": \"circle\", \"points\": [[10, 10], [10, 13]]", "cat 29 [7,7,7,7]")]
    [InlineData("\"group_id\": \"A\", \"flags\": null, \"attributes\": [1], \"kie_linking\": [], \"points\": " + Corners, Cat)]
    [InlineData("\"score\": \"high\", \"group_id\": 1e99, \"semsam\": 7, \"points\": " + Corners, Cat)]
    public void Shape_OfAnyType_IsRead(string shape, string expected)
    {
        var (images, problems) = Read(Write("a.json", Json($"{{\"label\": \"cat\", {shape}}}")));
        Assert.Equal([$"a.jpg 60x40: {expected}"], images);
        Assert.All(problems, p => Assert.Equal(FormatOutcome.Repaired, p.Outcome));
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("null", "-")]
    [InlineData("\"\"", "-")]
    public void Label_MissingOrANumber_KeepsTheShape(string label, string name) =>
        Assert.Equal([$"a.jpg 60x40: {name} 231 [10,10,21,11]"], Read(Write("a.json", Json($"{{\"label\": {label}, \"points\": {Corners}}}"))).Images);

    [Fact]
    public void Shapes_OfOneTextualGroup_AreOneObject()
    {
        string shapes = string.Join(", ", new[] { "A", "B", "A" }.Select(
            (g, i) => $"{{\"label\": \"cat\", \"group_id\": \"{g}\", \"points\": [[{10 * i}, 0], [{10 * i + 4}, 0], [{10 * i + 4}, 4], [{10 * i}, 4]]}}"));
        Assert.Equal(["a.jpg 60x40: cat 50 [0,0,25,5] | cat 25 [10,0,5,5]"], Read(Write("a.json", Json(shapes))).Images);
    }

    [Fact]
    public void Size_ThatContradictsTheImage_IsTheImages()
    {
        string wrong = Json($"{{\"label\": \"cat\", \"points\": {Corners}}}")
            .Replace("\"imageHeight\": 40, \"imageWidth\": 60", "\"imageHeight\": 20, \"imageWidth\": 30");
        string path = Write("d/a.json", wrong);
        Assert.Equal(["a.jpg 30x20: cat 200 [10,10,20,10]"], Read(path).Images);
        Picture("d/a.jpg", 60, 40);
        var (images, problems) = Read(path);
        Assert.Equal([$"a.jpg 60x40: {Cat}"], images);
        Assert.Equal("it says that its image is 30 x 20, but the image is 60 x 40", Assert.Single(problems).What);
        string inside = Convert.ToBase64String(File.ReadAllBytes(Folder.File("d/a.jpg")));
        Assert.Equal([$"a.jpg 60x40: {Cat}"], Read(Write("inside.json", wrong.Replace("\"imageData\": null", $"\"imageData\": \"{inside}\""))).Images);
        Picture("up/images/b.png", 60, 40);
        Assert.Equal([$"b.png 60x40: {Cat}"], Read(Write("up/json/b.json", wrong.Replace("a.jpg", "..\\\\images\\\\b.png"))).Images);
    }

    [Theory]
    [InlineData("gb18030", "行人", "gb18030")]
    [InlineData("shift_jis", "ねこ", null)]
    [InlineData("windows-1252", "chât", null)]
    public void Text_InAnotherEncoding_IsToldOnceWithACure(string encoding, string label, string? guess)
    {
        string path = Folder.Write("a.json", TextEncodings.Find(encoding)!.GetBytes(
            Json($"{{\"label\": \"{label}\", \"points\": {Corners}}}, {{\"label\": \"{label}\", \"points\": {Corners}}}")));
        var (images, problems) = Read(path);
        Assert.Empty(images);
        var problem = Assert.Single(problems);
        Assert.Equal(AnnotationNeed.Encoding, problem.Need);
        Assert.StartsWith("line 1, column 5", problem.Place);
        Assert.StartsWith("its text is not UTF-8; it may be ", problem.What);
        if (guess is not null) Assert.Contains($"iconv -f {guess} -t utf-8", problem.What);
        Assert.Equal([$"a.jpg 60x40: {label} 231 [10,10,21,11] | {label} 231 [10,10,21,11]"], Read(path, encoding: encoding).Images);
    }

    [Fact]
    public void Text_InUtf16OrWithAMark_IsRead()
    {
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode, new UTF8Encoding(true), new UTF32Encoding(false, true) })
        {
            byte[] text = encoding.GetBytes(Json($"{{\"label\": \"猫\", \"points\": {Corners}}}"));
            foreach (byte[] start in new[] { encoding.GetPreamble(), [] })
            {
                if (start.Length == 0 && encoding is UTF32Encoding) continue;
                string path = Folder.Write("a.json", [.. start, .. text]);
                Assert.Equal(["a.jpg 60x40: 猫 231 [10,10,21,11]"], Read(path).Images);
                Assert.Equal(["a.jpg 60x40: 猫 231 [10,10,21,11]"], Read(Folder.Path).Images);
            }
        }
    }

    [Fact]
    public void Json_Damaged_IsSaidInWordsWithLineAndColumn()
    {
        string path = Write("a.json", "{\n  \"shapes\": [\n    oops]}");
        Assert.Equal("a.json: line 3, column 5: not valid JSON: 'o' is not expected here; the file is left out.",
            Assert.Single(Read(path, AnnotationFormat.LabelMe).Problems).ToString());
        path = Write("a.json", "{\n  \"shapes\": [");
        Assert.Contains("it ends too early, as if it were cut off", Assert.Single(Read(path, AnnotationFormat.LabelMe).Problems).What);
    }

    [Theory]
    [InlineData("\"points\": [10, 10, 30, 10, 30, 20, 10, 20]", Cat)]
    [InlineData("\"points\": [{\"x\": 10, \"y\": 10}, {\"x\": 30, \"y\": 10}, {\"x\": 30, \"y\": 20}, {\"x\": 10, \"y\": 20}]", Cat)]
    [InlineData("\"points\": [[10, 10], [30, 10], null, [30, 20], [10, 20]]", Cat)]
    [InlineData("\"shape_type\": \"mask\", \"mask\": null, \"points\": [[10, 10], [30, 20]]", Cat)]
    [InlineData("\"points\": [[10, 10], [30, NaN], [30, 20], [10, 20]]", null)] // where it is is doubtful
    public void Points_OfAnyKind_KeepTheShape(string shape, string? expected)
    {
        var (images, problems) = Read(Write("in.json",
            $$"""{"shapes": [{"label": "cat", {{shape}}}], "imagePath": "a.jpg", "imageHeight": 40, "imageWidth": 60}"""));
        Assert.Equal([$"a.jpg 60x40: {expected}"], images);
        Assert.All(problems, p => Assert.Equal(expected is null, p.IsLoss));
    }

    /// <summary>Images are renamed, or their kind is changed, and the path in the json stays.</summary>
    [Theory]
    [InlineData("\"imagePath\": \"old.jpg\", ", true)]
    [InlineData("\"imagePath\": \"..\\\\raw\\\\a.jpg\", ", true)]
    [InlineData("", false)]
    public void Image_ThatWasRenamed_IsTheOneBeside(string path, bool said)
    {
        string json = Write("d/a.json", Json($"{{\"label\": \"cat\", \"points\": {Corners}}}", path + "\"imageHeight\": 40, \"imageWidth\": 60"));
        Picture("d/a.png", 60, 40);
        var (images, problems) = Read(json);
        Assert.Equal([$"a.png 60x40: {Cat}"], images);
        Assert.Equal(said ? 1 : 0, problems.Count);
        Assert.All(problems, p => Assert.Contains("'a.png' beside it is taken", p.Done));
    }

    /// <summary>A json that was copied for the next image and not changed.</summary>
    [Fact]
    public void Image_OfTwoFiles_IsSaid()
    {
        string json = Json($"{{\"label\": \"cat\", \"points\": {Corners}}}");
        Write("d/a.json", json);
        Write("d/b.json", json);
        Folder.Write("d/a.jpg", SemanticSam.Imaging.ImageEncoder.Jpeg(new(60, 40)));
        Folder.Write("d/b.jpg", SemanticSam.Imaging.ImageEncoder.Jpeg(new(60, 40)));
        var (images, problems) = Read(Folder.File("d"));
        Assert.Equal([$"a.jpg 60x40: {Cat}", $"a.jpg 60x40: {Cat}"], images);
        Assert.Contains("as a.json has it, and 'b.jpg' lies beside it", Assert.Single(problems).What);
    }
}
