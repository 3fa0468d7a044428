using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Engine.Batch;
using SemanticSam.Tests.Engine.Checkpoints;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;

namespace SemanticSam.Tests.Training.Data;

public sealed class WholePartDatasetTests
{
    private static readonly string Root = Path.Combine(Fixtures.Own, "wholepart");

    private const string Tiny = """
        {"info": {"a": [1, {"b": 2}]},
         "annotations": [
          {"id": 10, "image_id": 1, "category_id": 1, "segmentation": {"size": [7, 9], "counts": "0o1"}, "bbox": [0, 0, 9, 7], "area": 63, "iscrowd": 0, "level": "whole"},
          {"id": 11, "image_id": 1, "category_id": 2, "segmentation": {"size": [7, 9], "counts": "01n1"}, "bbox": [0, 0, 1, 1], "area": 1, "iscrowd": 0, "level": "part", "parent": 10, "weak": true},
          {"id": 12, "image_id": 2, "category_id": 1, "segmentation": {"size": [2, 3], "counts": [1, 2, 3]}, "bbox": [0, 0, 2, 2], "area": 2, "iscrowd": 0, "level": "whole", "kind": "group", "derived": true}],
         "images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 7, "source": "s", "license": 1},
                    {"id": 2, "file_name": "b.jpg", "width": 3, "height": 2, "source": "t", "license": 2}],
         "licenses": [{"id": 1, "name": "MIT", "source": "s", "statement": "LICENSE: MIT"}, {"id": 2, "name": "research"}],
         "categories": [{"id": 1, "name": "car", "supercategory": "vehicle", "level": "whole"}, {"id": 2, "name": "wheel", "supercategory": "car", "level": "part"}]}
        """;

    private static WholePartDataset Load(string json) => WholePartDataset.Load(new MemoryStream(Encoding.UTF8.GetBytes(json)), "tiny.json", "images");

    [Fact]
    public void LoadSplit_FixtureImages_HaveValidMasksAndParents()
    {
        foreach (string split in new[] { "train", "val" })
        {
            var data = WholePartDataset.LoadSplit(Root, split);
            data.Validate();
            Assert.True(data.Images.Count >= 5);
            Assert.All(data.Images, i => Assert.True(File.Exists(i.Path), i.Path));
            var parts = data.Images.SelectMany(i => i.Annotations).Where(a => a.Parent is not null).ToList();
            Assert.NotEmpty(parts);
            foreach (var part in parts)
            {
                Assert.Equal(part.ImageId, part.Parent!.ImageId);
                var mask = part.ReadMask();
                Assert.True(mask.IntersectionArea(part.Parent.ReadMask()) > 0.3 * mask.Area, $"annotation {part.Id} lies outside its parent");
                Assert.Equal((mask.BoxXywh.X, mask.BoxXywh.Y, mask.BoxXywh.Width, mask.BoxXywh.Height), part.BoxXywh);
            }
            Assert.Equal(data.Images.Count, data.Where(DatasetFilter.Permissive).Images.Count);
        }
    }

    [Fact]
    public void Load_EveryKey_IsRead()
    {
        var data = Load(Tiny);
        var (a, b) = (data.Images[0], data.Images[1]);
        Assert.Equal((1, "a.jpg", 9, 7, "s", "MIT", Path.Combine("images", "a.jpg")), (a.Id, a.FileName, a.Width, a.Height, a.Source, a.License!.Name, a.Path));
        Assert.Equal([10, 11], a.Annotations.Select(n => n.Id));
        Assert.Same(a.Annotations[0], a.Annotations[1].Parent);
        Assert.True(a.Annotations[1].IsWeak);
        Assert.Equal("wheel of car", a.Annotations[1].Category.FullName);
        Assert.Equal(AnnotationLevel.Part, a.Annotations[1].Level);
        Assert.Equal(AnnotationKind.Group, b.Annotations[0].Kind);
        Assert.True(b.Annotations[0].IsDerived);
        Assert.Equal([0, 1, 0, 1, 0, 0], b.Annotations[0].ReadMask().ToBytes());
    }

    [Fact]
    public void Load_Polygon_IsFilled()
    {
        var data = Load(Tiny.Replace("{\"size\": [7, 9], \"counts\": \"01n1\"}", "[[2, 1, 5, 1, 5, 3, 2, 3]]"));
        Assert.Equal((2, 1, 3, 2), data.Images[0].Annotations[1].ReadMask().BoxXywh);
    }

    [Fact]
    public void Load_ValuesAcrossBufferBounds_AreRead()
    {
        string padded = Tiny.Replace("LICENSE: MIT", new string('x', 300_000)).Replace("\"info\"", new string(' ', 65_500) + "\"info\"");
        Assert.Equal(300_000, Load(padded).Images[0].License!.Statement!.Length);
    }

    [Fact]
    public void Where_Filters_TakeWhatTheySay()
    {
        var data = Load(Tiny);
        Assert.Equal(["a.jpg"], data.Where(DatasetFilter.NotResearch).Images.Select(i => i.FileName));
        Assert.Equal(["b.jpg"], data.Where(new() { OnlySources = new HashSet<string> { "t" } }).Images.Select(i => i.FileName));
        Assert.Equal([10, 12], data.Where(new() { Weak = false }).Images.SelectMany(i => i.Annotations).Select(a => a.Id));
        Assert.Equal([10, 11], data.Where(new() { Derived = false }).Images.SelectMany(i => i.Annotations).Select(a => a.Id));
        Assert.Equal([10], data.Where(new() { LeastArea = 3 }).Images.SelectMany(i => i.Annotations).Select(a => a.Id));
        Assert.Equal([11], data.Where(new() { OnlyLevels = new HashSet<AnnotationLevel> { AnnotationLevel.Part } }).Images.SelectMany(i => i.Annotations).Select(a => a.Id));
    }

    [Fact]
    public void Split_ByName_IsDisjointCompleteAndStable()
    {
        var all = WholePartDataset.LoadSplit(Root, "train").Concat(WholePartDataset.LoadSplit(Root, "val"));
        var (train, val) = all.Split(0.4);
        Assert.NotEmpty(train.Images);
        Assert.NotEmpty(val.Images);
        Assert.Equal(all.Images.Select(i => i.FileName).Order(), train.Images.Concat(val.Images).Select(i => i.FileName).Order());
        Assert.Equal(val.Images.Select(i => i.FileName), val.Split(0.4).Val.Images.Select(i => i.FileName));
        Assert.Throws<ArgumentOutOfRangeException>(() => all.Split(double.NaN));
    }

    [Fact]
    public void Statistics_Print_NamesCounts()
    {
        string text = Load(Tiny).Statistics().ToString();
        Assert.Contains("2 images, 3 masks: 2 whole, 1 part", text);
        Assert.Contains("1 with a parent, 1 weak, 1 derived; 1 names of wholes and stuff, 1 of parts", text);
        Assert.Contains("license classes: MIT 1, research 1", text);
        Assert.Contains("car 2, wheel of car 1", text);
    }

    [Theory]
    [InlineData("annotations", 1, "image_id", null, "tiny.json: annotation 11: key 'image_id' is missing")]
    [InlineData("annotations", 1, "segmentation", null, "annotation 11: key 'segmentation' is missing")]
    [InlineData("annotations", 1, "level", null, "annotation 11: key 'level' is missing")]
    [InlineData("annotations", 1, "id", null, "annotations[1]: key 'id' is missing")]
    [InlineData("annotations", 1, "id", "10", "annotation 10: this id occurs twice")]
    [InlineData("annotations", 1, "image_id", "77", "annotation 11: image_id 77 is not among the images")]
    [InlineData("annotations", 1, "category_id", "78", "annotation 11: category_id 78 is not among the categories")]
    [InlineData("annotations", 1, "parent", "79", "annotation 11: parent 79 is not among the annotations")]
    [InlineData("annotations", 1, "parent", "12", "annotation 11: parent 12 is on another image, 2")]
    [InlineData("annotations", 1, "parent", "11", "annotation 11: its parents lead back to itself")]
    [InlineData("annotations", 1, "parent", "\"x\"", "annotation 11: parent has to be a whole number")]
    [InlineData("annotations", 1, "level", "\"piece\"", "annotation 11: level is 'piece'; whole, part, stuff and region are known")]
    [InlineData("annotations", 1, "bbox", "[1, 2, 3]", "annotation 11: bbox has 3 numbers")]
    [InlineData("annotations", 1, "segmentation", "7", "annotation 11: segmentation: run lengths")]
    [InlineData("annotations", 1, "segmentation", "[[1, 2, 3, 4]]", "annotation 11: segmentation[0] has 4 numbers")]
    [InlineData("annotations", 1, "segmentation", "{\"size\": [9, 7], \"counts\": \"0o1\"}", "annotation 11: its mask is 9 x 7, but image 1 is 7 x 9")]
    [InlineData("images", 1, "license", "5", "image 2: license 5 is not among the licenses")]
    [InlineData("images", 1, "width", "0", "images[1]: width is 0")]
    [InlineData("images", 1, "file_name", "\"../../etc/passwd\"", "has to be a path below the folder")]
    [InlineData("images", 1, "id", "1", "image 1: this id occurs twice")]
    [InlineData("images", 1, "file_name", null, "images[1]: key 'file_name' is missing")]
    [InlineData("categories", 0, "name", "7", "categories[0]: name has to be a text")]
    public void Load_DamagedRecord_NamesRecordAndFault(string section, int index, string key, string? value, string message)
    {
        var json = JsonNode.Parse(Tiny)!;
        var record = json[section]![index]!.AsObject();
        record.Remove(key);
        if (value is not null) record.Insert(key == "id" ? 0 : 1, key, JsonNode.Parse(value)); // behind the id, by which it is named
        if (key == "id" && value is null) record["id2"] = 5; // an unknown key is no substitute
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Load(json.ToJsonString())).Message);
    }

    [Theory]
    [InlineData("images")]
    [InlineData("annotations")]
    [InlineData("categories")]
    public void Load_SectionMissing_IsNamed(string section)
    {
        var json = JsonNode.Parse(Tiny)!.AsObject();
        json.Remove(section);
        Assert.Contains($"key '{section}' is missing", Assert.Throws<InvalidDataException>(() => Load(json.ToJsonString())).Message);
    }

    [Fact]
    public void Load_TextCutAnywhere_IsAnInvalidDataException()
    {
        for (int length = 0; length < Tiny.Length; length += 7)
            Assert.Contains("tiny.json", Assert.Throws<InvalidDataException>(() => Load(Tiny[..length])).Message);
        Assert.Throws<InvalidDataException>(() => Load("[]"));
        Assert.Throws<InvalidDataException>(() => Load(Tiny + "{"));
        Assert.Throws<InvalidDataException>(() => Load("\u0089PNG not json"));
    }

    [Fact]
    public void ReadMask_DamagedRunLengths_NamesTheAnnotation()
    {
        var data = Load(Tiny.Replace("\"01n1\"", "\"01n2\""));
        var e = Assert.Throws<InvalidDataException>(() => data.Images[0].Annotations[1].ReadMask());
        Assert.Contains("tiny.json: annotation 11: Mask string, position 2", e.Message);
        Assert.Throws<InvalidDataException>(() => data.Validate());
        Assert.Contains("annotation 10", Assert.Throws<InvalidDataException>(() => Load(Tiny.Replace("\"area\": 63", "\"area\": 64")).Validate()).Message, StringComparison.OrdinalIgnoreCase);
    }
}
