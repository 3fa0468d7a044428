using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Coco;

public sealed class CocoFormatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private const string Tiny = """
        {"annotations": [
          {"id": 10, "image_id": 1, "category_id": 1, "segmentation": {"size": [7, 9], "counts": "0o1"}, "bbox": [0, 0, 9, 7], "area": 63, "iscrowd": 0, "level": "whole"},
          {"id": 12, "image_id": 2, "category_id": 1, "segmentation": {"size": [2, 3], "counts": [1, 2, 3]}, "bbox": [0, 0, 2, 2], "area": 2, "iscrowd": 1},
          {"id": 11, "image_id": 1, "category_id": 2, "segmentation": [[2, 1, 5, 1, 5, 3, 2, 3], [6, 5, 8, 5, 8, 6, 6, 6]], "bbox": [0, 0, 1, 1], "area": 1, "parent": 10, "weak": true}],
         "images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 7}, {"id": 2, "file_name": "b.jpg", "width": 3, "height": 2}],
         "categories": [{"id": 1, "name": "car", "supercategory": "vehicle"}, {"id": 2, "name": "wheel", "supercategory": "car", "level": "part"}],
         "info": {"contributor": "semsam"}}
        """;

    private (List<AnnotatedImage> Images, List<FormatProblem> Problems) Read(string json)
    {
        var problems = new List<FormatProblem>();
        using var reader = AnnotationFiles.Open(_folder.Write("tiny.json", Encoding.UTF8.GetBytes(json)), AnnotationFormat.Coco,
            new() { Problem = problems.Add });
        return ([.. reader.Read()], problems);
    }

    [Fact]
    public void Read_AllThreeKindsOfMasks_AreRead()
    {
        var (images, problems) = Read(Tiny);
        Assert.Empty(problems);
        Assert.Equal(["a.jpg", "b.jpg"], images.Select(p => p.FileName));
        var (car, wheel) = (images[0].Annotations[0], images[0].Annotations[1]);
        Assert.Equal(Rle.Full(7, 9), car.Mask);
        Assert.Equal(("car", null, "vehicle", AnnotationRole.Whole), (car.Whole?.Name, car.Part, car.Supercategory, car.Role));
        Assert.Equal(Rle.FromBox(7, 9, new(2, 1, 5, 3)).Union(Rle.FromBox(7, 9, new(6, 5, 8, 6))), wheel.Mask);
        Assert.Equal(("wheel of car", AnnotationRole.Part, 10, true), (wheel.FullName, wheel.Role, wheel.Parent, wheel.IsWeak));
        Assert.Equal([0, 1, 0, 1, 0, 0], images[1].Annotations[0].Mask.ToBytes());
        Assert.True(images[1].Annotations[0].IsCrowd);
    }

    [Fact]
    public void AbsentCategories_ReadAndWritten_AreThoseOfLvis()
    {
        string Said(string value) => Tiny.Replace("\"b.jpg\", ", $"\"b.jpg\", \"neg_category_ids\": {value}, ", StringComparison.Ordinal);
        var (images, problems) = Read(Said("[2, 2]"));
        Assert.Empty(problems);
        Assert.Empty(images[0].AbsentCategories);
        Assert.Equal(("wheel", "car"), (Assert.Single(images[1].AbsentCategories).Name, images[1].AbsentCategories[0].Supercategory));
        var (back, _) = FormatSamples.ThereAndBack([.. images], _folder.File("back.json"), AnnotationFormat.Coco, new());
        Assert.Equal(("wheel", "car"), (Assert.Single(back[1].AbsentCategories).Name, back[1].AbsentCategories[0].Supercategory));

        (images, problems) = Read(Said("[1, 9]")); // one of two is no category
        Assert.Equal("car", Assert.Single(images[1].AbsentCategories).Name);
        Assert.Contains("1 of its neg_category_ids", Assert.Single(problems).What);
        foreach (string other in new[] { "\"2\"", "[\"a\"]", "{}", "null", "[2.5]" }) // another program's key
        {
            (images, problems) = Read(Said(other));
            Assert.Empty(problems);
            Assert.Empty(images[1].AbsentCategories);
            Assert.Single(images[1].Annotations);
        }
    }

    [Fact]
    public void WriteThenRead_AnySet_GivesEveryFieldBack() => FormatSamples.Set.Sample(set =>
    {
        // Ids are unique within the file here.
        var numbered = set.Select(
            (p, n) => p with { Annotations = [.. p.Annotations.Select(a => a with { Id = a.Id + 100 * n, Parent = a.Parent + 100 * n })] }).ToArray();
        var (back, _) = FormatSamples.ThereAndBack(numbered, _folder.File($"{Guid.NewGuid():N}.json"), AnnotationFormat.Coco, new() { KeepIds = true });
        FormatSamples.AssertSame(numbered, back);
    }, iter: 200);

    [Fact]
    public void WriteThenRead_Polygons_GivesEveryMaskBack() => FormatSamples.Set.Sample(set =>
    {
        var (back, loss) = FormatSamples.ThereAndBack(set, _folder.File($"{Guid.NewGuid():N}.json"), AnnotationFormat.Coco, new() { Polygons = true });
        Assert.Equal(0, loss.Inexact);
        Assert.Equal(set.SelectMany(p => p.Annotations).Select(a => a.Mask), back.SelectMany(p => p.Annotations).Select(a => a.Mask));
    }, iter: 100);

    /// <summary>Two files of LabelMe, say, both of which count from one: ids are unique in a COCO file, and parents follow.</summary>
    [Fact]
    public void Write_KeptIdsThatOccurTwice_AreNumberedAnewAndTold()
    {
        var image = new AnnotatedImage
        {
            FileName = "a.jpg", Width = 3, Height = 2,
            Annotations = [new() { Mask = Rle.Full(2, 3), Id = 7 }, new() { Mask = Rle.Full(2, 3), Parent = 7 }],
        };
        var problems = new List<FormatProblem>();
        string path = _folder.File("twice.json");
        using (var writer = AnnotationFiles.Create(path, AnnotationFormat.Coco, new() { KeepIds = true, Problem = problems.Add }))
        {
            writer.Write(image);
            writer.Write(image with { FileName = "b.jpg" });
            writer.Complete();
        }
        using var reader = AnnotationFiles.Open(path);
        var written = reader.Read().SelectMany(i => i.Annotations).ToArray();
        Assert.Equal(4, written.Select(a => a.Id).Distinct().Count());
        Assert.Equal(7, written[0].Id);
        Assert.Equal([null, written[0].Id, null, written[2].Id], written.Select(a => a.Parent));
        var told = Assert.Single(problems);
        Assert.Contains("this id occurs twice", told.What, StringComparison.Ordinal);
        Assert.Equal($"the second becomes {written[2].Id}", told.Done);
    }

    [Fact]
    public void Write_WithoutKeptIds_CountsFromOneAndParentsFollow()
    {
        var image = new AnnotatedImage
        {
            FileName = "a.jpg", Width = 3, Height = 2,
            Annotations = [new() { Mask = Rle.Full(2, 3), Id = 7, Parent = 9 }, new() { Mask = Rle.Full(2, 3), Id = 9 }],
        };
        var (back, _) = FormatSamples.ThereAndBack([image, image with { FileName = "b.jpg" }], _folder.File("ids.json"), AnnotationFormat.Coco);
        Assert.Equal([1L, 2, 3, 4], back.SelectMany(p => p.Annotations).Select(a => a.Id!.Value));
        Assert.Equal([2L, null, 4, null], back.SelectMany(p => p.Annotations).Select(a => a.Parent));
    }

    [Fact]
    public void WriteThenRead_RealSet_IsTheSame()
    {
        string source = Path.Combine(Fixtures.Own, "wholepart", "annotations_val.json"), target = _folder.File("val.json");
        using var reader = AnnotationFiles.Open(source);
        var images = reader.Read().ToList();
        Assert.True(images.Sum(p => p.Annotations.Count) > 20);
        var (back, _) = FormatSamples.ThereAndBack(images, target, AnnotationFormat.Coco, new() { KeepIds = true, Categories = reader.Categories });
        FormatSamples.AssertSame(images, back);
        // And record by record, against the source's own text: every key that it has comes out with the same value.
        using JsonDocument a = JsonDocument.Parse(File.ReadAllBytes(source)), b = JsonDocument.Parse(File.ReadAllBytes(target));
        foreach (string section in (string[])["images", "annotations", "categories"])
        {
            var written = b.RootElement.GetProperty(section).EnumerateArray().ToDictionary(r => r.GetProperty("id").GetInt64());
            foreach (var record in a.RootElement.GetProperty(section).EnumerateArray())
                foreach (var key in record.EnumerateObject())
                    if (key.Name != "license") // licenses are numbered anew
                        Assert.True(JsonElement.DeepEquals(key.Value, written[record.GetProperty("id").GetInt64()].GetProperty(key.Name)),
                            $"{section} {record.GetProperty("id")}: {key.Name}");
        }
    }

    [Theory]
    [InlineData("annotations", 2, "category_id", "78", "annotation 11: category_id 78 is not among the categories; it is called '78'")]
    [InlineData("annotations", 2, "image_id", "77", "annotations[2]: image_id 77 is not among the images; left out")]
    [InlineData("annotations", 2, "image_id", null, "annotations[2]: key 'image_id' is missing")]
    [InlineData("annotations", 2, "segmentation", null, "annotation 11: it has a box and no outline; the box is its mask")]
    [InlineData("annotations", 2, "segmentation", "[]", "annotation 11: it has a box and no outline; the box is its mask")]
    [InlineData("annotations", 2, "segmentation", "[[1, 2, 3, 4, 5]]", "annotation 11: segmentation[0] has 5 numbers")]
    [InlineData("annotations", 2, "segmentation", "[[1, 2, 3, 4, 5, 1e300]]", "lies far outside the image")]
    [InlineData("annotations", 2, "segmentation", "[[1, 2, 3, 4, 5, \"x\"]]", "segmentation[0] has to hold numbers, here is \"x\"")]
    [InlineData("annotations", 2, "segmentation", "{\"size\": [9, 7], \"counts\": \"0o1\"}", "annotation 11: its mask is 9 x 7, but its image is 7 x 9")]
    [InlineData("annotations", 2, "segmentation", "{\"size\": [7, 9], \"counts\": [1, -2, 64]}", "segmentation.counts[1] is -2")]
    [InlineData("annotations", 2, "segmentation", "{\"size\": [7, 9], \"counts\": \"0o2\"}", "annotation 11: Mask string, position")]
    [InlineData("annotations", 2, "segmentation", "{\"size\": [1e9, 1e9], \"counts\": \"0\"}", "[height, width] is expected")]
    [InlineData("annotations", 2, "id", "10", "annotation 10: this id occurs twice; the second becomes 13")]
    [InlineData("annotations", 2, "parent", "\"x\"", "annotation 11: parent is \"x\", a whole number is expected; the key is ignored")]
    [InlineData("annotations", 2, "parent", "79", "annotation 11: parent 79 is not among the annotations of its image; it loses its parent")]
    [InlineData("annotations", 2, "parent", "11", "annotation 11: its parents lead back to itself; it loses its parent")]
    [InlineData("images", 1, "width", "0", "image 2: width or height of its image are missing or wrong")]
    [InlineData("images", 1, "width", "2000000000", "image 2: width or height of its image are missing or wrong")]
    [InlineData("images", 1, "id", "1", "image 1: this id occurs twice")]
    [InlineData("categories", 1, "name", "7", "categories[1]: name has to be a text, here is 7; its digits are the name")]
    public void Read_BadRecord_IsReportedAndLeftOut(string section, int index, string key, string? value, string message)
    {
        var json = JsonNode.Parse(Tiny)!;
        var record = json[section]![index]!.AsObject();
        record.Remove(key);
        if (value is not null) record.Insert(key == "id" ? 0 : 1, key, JsonNode.Parse(value));
        var (images, problems) = Read(json.ToJsonString());
        Assert.Contains(problems, p => p.ToString().StartsWith("tiny.json: ", StringComparison.Ordinal) && p.ToString().Contains(message));
        Assert.Contains(images.SelectMany(p => p.Annotations), a => a.Id == 10); // the rest is there
        using var strict = AnnotationFiles.Open(_folder.File("tiny.json"), AnnotationFormat.Coco,
            section == "categories" ? new() { Problem = _ => { } } : null);
        if (section != "categories") Assert.Contains(message.Split(';')[0], Assert.Throws<AnnotationFileException>(() => strict.Read().ToList()).Message);
    }

    [Fact]
    public void Open_TextCutAnywhere_NamesFileAndPlace()
    {
        for (int length = 1; length < Tiny.Length; length += 11)
            Assert.StartsWith("tiny.json: ", Assert.Throws<AnnotationFileException>(() => Read(Tiny[..length])).Message);
        Assert.Throws<AnnotationFileException>(() => Read(Tiny + "{"));
        Assert.Contains(Read("[" + Tiny + "]").Problems, p => p.Done == "the set is taken");
        Assert.Throws<AnnotationFileException>(() => Read(new string('[', 100_000)));
    }

    [Fact]
    public void Open_ByteOrderMarkAndOtherSections_AreFine()
    {
        var (images, problems) = Read("\uFEFF" + Tiny.Replace("{\"annotations\"", "{\"info\": {\"images\": [1]}, \"licenses\": null, \"annotations\""));
        Assert.Empty(problems);
        Assert.Equal(3, images.Sum(p => p.Annotations.Count));
    }

    [Fact]
    public void Dispose_BeforeComplete_LeavesNothing()
    {
        using (var writer = AnnotationFiles.Create(_folder.File("half.json"), AnnotationFormat.Coco))
            writer.Write(new() { FileName = "a.jpg", Width = 3, Height = 2, Annotations = [new() { Mask = Rle.Full(2, 3) }] });
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }
}
