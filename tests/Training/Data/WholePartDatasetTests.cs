using System.Text;
using System.Text.Json.Nodes;
using SemanticSam.Formats;
using SemanticSam.Formats.Png;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;

namespace SemanticSam.Tests.Training.Data;

public sealed class WholePartDatasetTests : IDisposable
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

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private WholePartDataset Load(string json) => WholePartDataset.Load(_folder.Write("tiny.json", Encoding.UTF8.GetBytes(json)), "images");

    [Fact]
    public void LoadSplit_FixtureImages_HaveMasksInsideTheirParents()
    {
        foreach (string split in new[] { "train", "val" })
        {
            var data = WholePartDataset.LoadSplit(Root, split);
            Assert.True(data.Images.Count >= 5);
            Assert.All(data.Images, i => Assert.True(File.Exists(i.Path), i.Path));
            int parts = 0;
            foreach (var image in data.Images)
            {
                var byId = image.Annotations.ToDictionary(a => a.Id!.Value);
                foreach (var part in image.Annotations.Where(a => a.Parent is not null))
                {
                    parts++;
                    Assert.True(part.Mask.IntersectionArea(byId[part.Parent!.Value].Mask) > 0.3 * part.Mask.Area,
                        $"annotation {part.Id} lies outside its parent");
                }
            }
            Assert.True(parts > 0);
            string[] open = ["MIT", "BSD", "Apache-2.0", "CC-BY-4.0", "public-domain"];
            Assert.Equal(data.Images.Count, data.Where(i => open.Contains(i.License?.Name)).Images.Count);
        }
    }

    [Fact]
    public void Load_EveryKey_IsRead()
    {
        var data = Load(Tiny);
        var (a, b) = (data.Images[0], data.Images[1]);
        Assert.Equal((1L, "a.jpg", 9, 7, "s", "MIT", Path.Combine("images", "a.jpg")),
            (a.Id!.Value, a.FileName, a.Width, a.Height, a.Source, a.License!.Name, a.Path));
        Assert.Equal([10L, 11], a.Annotations.Select(n => n.Id!.Value));
        Assert.Equal(10, a.Annotations[1].Parent);
        Assert.True(a.Annotations[1].IsWeak);
        Assert.Equal("wheel of car", a.Annotations[1].FullName);
        Assert.Equal(AnnotationRole.Part, a.Annotations[1].Role);
        Assert.Equal(("group", true), (b.Annotations[0].Kind, b.Annotations[0].IsDerived));
        Assert.Equal([0, 1, 0, 1, 0, 0], b.Annotations[0].Mask.ToBytes());
        Assert.Equal([(1L, "car"), (2L, "wheel")], data.Categories.Select(c => (c.Id, c.Name)));
    }

    /// <summary>What COCO itself has, without the keys of the whole/part extension.</summary>
    [Fact]
    public void Load_PlainCoco_IsOfWholes()
    {
        var json = JsonNode.Parse(Tiny)!;
        foreach (var record in json["annotations"]!.AsArray().Concat(json["categories"]!.AsArray()))
            foreach (string key in (string[])["level", "parent", "weak", "kind", "derived"]) record!.AsObject().Remove(key);
        var data = Load(json.ToJsonString());
        Assert.All(data.Images.SelectMany(i => i.Annotations), a => Assert.Equal((AnnotationRole?)AnnotationRole.Whole, a.Role));
        Assert.Equal(["car", "wheel"], data.Categories.Select(c => c.Name));
    }

    [Fact]
    public void Load_LabelMe_IsReadAsWell()
    {
        using (var writer = AnnotationFiles.Create(_folder.Path, AnnotationFormat.LabelMe))
            foreach (var image in Load(Tiny).Images) writer.Write(image);
        File.Delete(_folder.File("tiny.json"));
        var data = WholePartDataset.Load(_folder.Path, "images");
        Assert.Equal(["a.jpg", "b.jpg"], data.Images.Select(i => i.FileName));
        Assert.Equal([("car", AnnotationRole.Whole), ("wheel", AnnotationRole.Part)], data.Categories.Select(c => (c.Name, c.Role!.Value)));
    }

    [Fact]
    public void Load_Polygon_IsFilled()
    {
        var data = Load(Tiny.Replace("{\"size\": [7, 9], \"counts\": \"01n1\"}", "[[2, 1, 5, 1, 5, 3, 2, 3]]"));
        Assert.Equal((2, 1, 3, 2), data.Images[0].Annotations[1].Mask.BoxXywh);
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
        Assert.Equal(["a.jpg"], data.Where(DatasetFilter.NotResearch.Takes).Images.Select(i => i.FileName));
        Assert.Equal(["b.jpg"], data.Where(new DatasetFilter { OnlyLicenses = new HashSet<string> { "research" } }.Takes).Images.Select(i => i.FileName));
        var whole = data.Where(_ => true, a => !a.IsWeak && !a.IsDerived);
        Assert.Equal([10L], whole.Images.SelectMany(i => i.Annotations).Select(a => a.Id!.Value));
        Assert.Equal(["car"], whole.Categories.Select(c => c.Name));
        Assert.Empty(data.Where(new DatasetFilter { OnlyLicenses = new HashSet<string> { "not stated" } }.Takes).Images);
    }

    [Theory]
    [InlineData("annotations", 1, "image_id", null, "tiny.json: annotations[1]: key 'image_id' is missing")]
    [InlineData("annotations", 1, "segmentation", null, "annotation 11: it has a box and no outline")]
    [InlineData("annotations", 1, "id", "10", "annotation 10: this id occurs twice")]
    [InlineData("annotations", 1, "image_id", "77", "image_id 77 is not among the images")]
    [InlineData("annotations", 1, "category_id", "78", "annotation 11: category_id 78 is not among the categories")]
    [InlineData("annotations", 1, "parent", "79", "annotation 11: parent 79 is not among the annotations of its image")]
    [InlineData("annotations", 1, "parent", "12", "annotation 11: parent 12 is not among the annotations of its image")]
    [InlineData("annotations", 1, "parent", "11", "annotation 11: its parents lead back to itself")]
    [InlineData("annotations", 1, "parent", "\"x\"", "annotation 11: parent is \"x\", a whole number is expected")]
    [InlineData("annotations", 1, "segmentation", "7", "annotation 11: segmentation: run lengths")]
    [InlineData("annotations", 1, "segmentation", "[[1, 2, 3, 4]]", "annotation 11: segmentation[0] has 4 numbers")]
    [InlineData("annotations", 1, "segmentation", "{\"size\": [9, 7], \"counts\": \"0o1\"}", "annotation 11: its mask is 9 x 7, but its image is 7 x 9")]
    [InlineData("images", 1, "license", "5", "image 2: license 5 is not among the licenses")]
    [InlineData("images", 1, "width", "0", "image 2: width or height of its image are missing or wrong")]
    [InlineData("images", 1, "file_name", "\"../../etc/passwd\"", "'../../etc/passwd' is not a path below a folder")]
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
        Assert.Contains(message, Assert.Throws<AnnotationFileException>(() => Load(json.ToJsonString())).Message);
    }

    /// <summary>As COCO, Roboflow, Ultralytics and others lay their splits out.</summary>
    [Theory]
    [InlineData("annotations_train.json", "images/train/a.png", "train")]
    [InlineData("annotations/instances_train2017.json", "train2017/a.png", "train")]
    [InlineData("annotations/instances_val2017.json", "images/val2017/a.png", "val")]
    [InlineData("train/_annotations.coco.json", "train/a.png", "train")]
    [InlineData("valid/_annotations.coco.json", "valid/a.png", "val")]
    [InlineData("train.json", "images/a.png", "train")]
    [InlineData("set.json", "images/a.png", "val")] // without splits
    [InlineData("labels/train/a.txt", "images/train/a.png", "train")]
    [InlineData("valid/labels/a.txt", "valid/images/a.png", "val")]
    public void LoadSplit_LayoutOfAnyKind_IsFound(string annotations, string image, string split)
    {
        _folder.Write(image, SemanticSam.Imaging.ImageEncoder.Png(new SemanticSam.Imaging.RgbImage(20, 10)));
        _folder.Write(annotations, Encoding.UTF8.GetBytes(annotations.EndsWith("txt") ? "0 0.25 0.5 0.3 0.4"
            : """{"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 3, 6, 4]}], "categories": [{"id": 1, "name": "cat", "supercategory": "animal"}]}"""));
        if (annotations.EndsWith("txt")) _folder.Write("data.yaml", "names: [cat]"u8.ToArray());
        var problems = new List<FormatProblem>();
        var found = Assert.Single(WholePartDataset.LoadSplit(_folder.Path, split, problems.Add).Images);
        Assert.Equal(_folder.File(image), found.Path);
        var annotation = Assert.Single(found.Annotations);
        Assert.Equal(("cat", AnnotationRole.Whole, 24), (annotation.Category, annotation.Role!.Value, annotation.Mask.Area));
        if (annotations == "set.json") return;
        Assert.Contains("has no split 'test'",
            Assert.Throws<FileNotFoundException>(() => WholePartDataset.LoadSplit(_folder.Path, "test", problems.Add)).Message);
    }

    /// <summary>What a data.yaml says of splits holds, however their folders are called: nobody wants to be measured on what was trained on.</summary>
    [Theory]
    [InlineData("path: .\ntrain: images/a\nval: images/b\n", "data.yaml")]
    [InlineData("path: ../datasets/gone\ntrain: ../images/a\nval: ../images/b\n", "data.yaml")] // of another machine
    [InlineData("train: lists/a.txt\nval: lists/b.txt\n", "data.yaml")]
    [InlineData("train:\n  - images/a\nval:\n  - images/b\n", "mine.yaml")]
    public void LoadSplit_OfADataYaml_IsWhatItSays(string places, string yaml)
    {
        void Write(string name, string text) => _folder.Write(name, Encoding.UTF8.GetBytes(text));
        foreach (string part in new[] { "a", "b" })
        {
            _folder.Write($"set/images/{part}/{part}1.png", ImageEncoder.Png(new RgbImage(20, 10)));
            Write($"set/labels/{part}/{part}1.txt", "0 0.5 0.5 0.5 0.5\n");
            Write($"set/lists/{part}.txt", $"./images/{part}/{part}1.png\n");
        }
        Write($"set/{yaml}", places + "names: [cat]\n");
        foreach (string data in new[] { "set", $"set/{yaml}" })
            foreach (var (split, name) in new[] { ("train", "a1.png"), ("val", "b1.png") })
            {
                var image = Assert.Single(WholePartDataset.LoadSplit(_folder.File(data), split, _ => { }).Images);
                Assert.Equal(name, Path.GetFileName(image.FileName));
                Assert.True(File.Exists(image.Path));
                Assert.Equal("cat", Assert.Single(image.Annotations).Whole!.Value.Name);
            }
        Assert.Equal("a1.png", Path.GetFileName(Assert.Single(WholePartDataset.LoadAny(_folder.File("set"), null, _ => { }).Images).FileName));
    }

    /// <summary>PASCAL VOC lists the images of its splits, and has them in a folder of their own.</summary>
    [Fact]
    public void LoadSplit_OfVoc_IsThatOfItsList()
    {
        foreach (string name in new[] { "a", "b", "c" })
        {
            _folder.Write($"voc/SegmentationClass/{name}.png", PngCodec.Encode([0, 1, 1, 0], 2, 2, IndexPng.Palette));
            _folder.Write($"voc/JPEGImages/{name}.png", ImageEncoder.Png(new RgbImage(2, 2)));
        }
        _folder.Write("voc/ImageSets/Segmentation/val.txt", "c\n"u8.ToArray());
        var image = Assert.Single(WholePartDataset.LoadSplit(_folder.File("voc"), "val", _ => { }).Images);
        Assert.Equal("c.png", image.FileName);
        Assert.True(File.Exists(image.Path));
        File.Delete(_folder.File("voc/ImageSets/Segmentation/val.txt"));
        Assert.All(WholePartDataset.LoadSplit(_folder.File("voc"), "val", _ => { }).Images, i => Assert.True(File.Exists(i.Path)));
    }

    [Theory]
    [InlineData("images")]
    [InlineData("annotations")]
    [InlineData("categories")]
    public void Load_SectionMissing_IsNamed(string section)
    {
        var json = JsonNode.Parse(Tiny)!.AsObject();
        json.Remove(section);
        Assert.Contains($"key '{section}' is missing", Assert.Throws<AnnotationFileException>(() => Load(json.ToJsonString())).Message);
    }

    [Fact]
    public void Load_TextCutAnywhere_IsRefused()
    {
        for (int length = 0; length < Tiny.Length; length += 7)
            Assert.Contains("tiny.json", Assert.Throws<AnnotationFileException>(() => Load(Tiny[..length])).Message);
        Assert.Throws<AnnotationFileException>(() => Load("[]"));
        Assert.Throws<AnnotationFileException>(() => Load(Tiny + "{"));
        Assert.Throws<AnnotationFileException>(() => Load("\u0089PNG not json"));
    }

    [Fact]
    public void Join_FurtherAnnotations_StandBesideThoseOfTheSameImage()
    {
        var problems = new List<FormatProblem>();
        var set = Load(Tiny).Join(Further("""{"id": 7, "file_name": "b.jpg", "width": 3, "height": 2, "neg_category_ids": [2]}""", image: 7), problems.Add);
        Assert.Equal(["a.jpg", "b.jpg"], set.Images.Select(i => i.FileName));
        var (a, b) = (set.Images[0], set.Images[1]);
        Assert.Empty(a.AbsentCategories);
        Assert.Equal(["car", "sky"], b.Annotations.Select(n => n.Category));
        Assert.Equal(AnnotationRole.Stuff, b.Annotations[1].Role);
        Assert.Equal("grass", Assert.Single(b.AbsentCategories).Name);
        Assert.Equal(("t", Path.Combine("images", "b.jpg")), (b.Source, b.Path));
        var ids = set.Images.SelectMany(i => i.Annotations).Select(n => n.Id).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Contains(set.Categories, c => c.Name == "sky");
        Assert.Empty(problems);
    }

    [Fact]
    public void Join_WhatDoesNotFit_IsSaid()
    {
        string other = """{"id": 7, "file_name": "z.jpg", "width": 3, "height": 2}""", size = """{"id": 7, "file_name": "b.jpg", "width": 2, "height": 3}""";
        Assert.Contains("none of the set's images", Assert.Throws<AnnotationFileException>(() => Load(Tiny).Join(Further(other, 7), null)).Message);
        Assert.Contains("2 x 3, and the set's image of that name 3 x 2",
            Assert.Throws<AnnotationFileException>(() => Load(Tiny).Join(Further(size, 7, "[3, 2]"), null)).Message);
        var problems = new List<FormatProblem>();
        var set = Load(Tiny).Join(Further(size, 7, "[3, 2]"), problems.Add); // who listens loses that image's alone
        Assert.Single(set.Images[1].Annotations);
        Assert.Equal("it is 2 x 3, and the set's image of that name 3 x 2", Assert.Single(problems).What);
        problems.Clear();
        set = Load(Tiny).Join(Further(other + """, {"id": 8, "file_name": "b.jpg", "width": 3, "height": 2}""", 7), problems.Add);
        Assert.Equal(2, set.Images.Count);
        Assert.Equal("1 of its images is not in the set", Assert.Single(problems).What);
    }

    private string Further(string images, long image, string size = "[2, 3]") => _folder.Write("further.json", Encoding.UTF8.GetBytes($$"""
        {"info": {"contributor": "semsam"}, "images": [{{images}}],
         "annotations": [{"id": 10, "image_id": {{image}}, "category_id": 1, "segmentation": {"size": {{size}}, "counts": [0, 2, 4]}, "bbox": [0, 0, 1, 2], "area": 2, "iscrowd": 0}],
         "categories": [{"id": 1, "name": "sky", "level": "stuff"}, {"id": 2, "name": "grass", "level": "stuff"}]}
        """));
}
