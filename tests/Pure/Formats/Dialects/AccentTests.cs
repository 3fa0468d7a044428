namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Names with accents: in one piece (NFC) in annotations and in two (NFD) on the disk, as macOS leaves them, and the other way round.</summary>
public sealed class AccentTests : DialectFolder
{
    private const string One = "caf\u00e9", Two = "cafe\u0301", Mask = "\"segmentation\": [[2, 2, 8, 2, 8, 6, 2, 6]]";

    public static TheoryData<string, string> Ways => new() { { One, Two }, { Two, One }, { "\uD55C", "\u1112\u1161\u11AB" }, { One, One } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Coco_ImageInTheOtherSpelling_IsFound(string said, string there)
    {
        Picture($"images/{there}.png", 20, 10);
        Picture($"images/sub-{there}/{there}.png", 40, 20);
        string path = Write("in.json", $$"""
            {"images": [{"id": 1, "file_name": "{{said}}.png"}, {"id": 2, "file_name": "sub-{{said}}/{{said}}.png"}],
             "annotations": [{"id": 5, "image_id": 1, "category_id": 1, {{Mask}}}], "categories": [{"id": 1, "name": "cat"}]}
            """);
        Assert.Equal([$"{said}.png 20x10: cat 24 [2,2,6,4]", $"sub-{said}/{said}.png 40x20: "], Read(path, images: Folder.File("images")).Images);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Yolo_ImageInTheOtherSpelling_IsFound(string said, string there)
    {
        Picture($"set/images/{there}.png", 20, 10);
        Write($"set/labels/{said}.txt", "0 0.1 0.2 0.4 0.2 0.4 0.6 0.1 0.6\n");
        Write("set/data.yaml", "names: [cat]\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"{there}.png 20x10: cat 35 [2,2,7,5]"], images);
        Assert.Empty(problems);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void LabelMe_ImageInTheOtherSpelling_IsFound(string said, string there)
    {
        Picture($"d/{there}.png", 20, 10);
        Write("d/a.json", $$"""
            {"version": "5", "imagePath": "{{said}}.png", "imageHeight": 5, "imageWidth": 5,
             "shapes": [{"label": "cat", "shape_type": "rectangle", "points": [[2, 2], [8, 6]]}]}
            """);
        Assert.StartsWith($"{said}.png 20x10: cat", Assert.Single(Read(Folder.File("d")).Images));
    }

    [Fact]
    public void Images_OfBothSpellings_StayTwo()
    {
        Picture($"images/{One}.png", 20, 10);
        Picture($"images/{Two}.png", 30, 10);
        if (Directory.GetFiles(Folder.File("images")).Length < 2) return; // a file system that takes them for one
        string path = Write("in.json", $$"""
            {"images": [{"id": 1, "file_name": "{{One}}.png"}, {"id": 2, "file_name": "{{Two}}.png"}], "annotations": [], "categories": []}
            """);
        Assert.Equal([$"{One}.png 20x10: ", $"{Two}.png 30x10: "], Read(path, images: Folder.File("images")).Images);
    }
}
