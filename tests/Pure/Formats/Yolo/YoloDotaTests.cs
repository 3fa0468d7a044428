using SemanticSam.Formats;
using SemanticSam.Tests.Pure.Formats.Dialects;

namespace SemanticSam.Tests.Pure.Formats.Yolo;

/// <summary>Lines of DOTA in the layout of YOLO, as Roboflow exports "YOLOv5 Oriented Bounding Boxes".</summary>
public sealed class YoloDotaTests : DialectFolder
{
    private const string Quad = "10 10 50 10 50 40 10 40", Read1271 = "1271 [10,10,41,31]";

    [Theory]
    [InlineData($"{Quad} cat 0\n", "cat")]
    [InlineData($"imagesource:GoogleEarth\ngsd:0.146\n{Quad} cat 1\n", "cat")]
    [InlineData($"{Quad} traffic light 0", "traffic light")]
    [InlineData($"{Quad} cat", "cat")]
    [InlineData($"{Quad} 7 0", "7")]
    [InlineData("10.0 10.0 50.0 10.0 50.0 40.0 10.0 40.0 cat 2", "cat")]
    [InlineData("0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 cat 0", "cat")]
    public void LabelTxt_OfASplit_HasQuadrilaterals(string labels, string name)
    {
        Picture("set/train/images/a.png", 100, 50);
        Picture("set/train/images/b.png", 100, 50);
        Write("set/train/labelTxt/a.txt", labels);
        Write("set/data.yaml", "nc: 3\nnames: ['cat', 'traffic light', '7']\n");
        foreach (string path in (string[])["set", "set/train", "set/data.yaml"])
        {
            var (images, problems) = Read(Folder.File(path));
            Assert.Equal([$"{(path == "set/train" ? "" : "train/images/")}a.png 100x50: {name} {Read1271}",
                $"{(path == "set/train" ? "" : "train/images/")}b.png 100x50: "], images);
            Assert.Single(problems, p => p.What.Contains("DOTA"));
            Assert.DoesNotContain(problems, p => p.IsLoss);
        }
        Assert.Contains("DOTA", Strict(Folder.File("set")).Message);
    }

    [Fact]
    public void LabelTxt_WithLinesOfYolo_IsReadAsThese()
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labelTxt/a.txt", "0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8\n0 0.1 0.2 0.5 0.2 0.5 0.8 0.1 0.8 0.9\n");
        Write("set/data.yaml", "names: [cat]\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"a.png 100x50: cat {Read1271} | cat {Read1271} 0.9"], images);
        Assert.Empty(problems);
    }

    [Fact]
    public void Line_OfYoloWithAWordInIt_IsNotTakenForOne()
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labels/a.txt", "5 0.1 0.2 0.5 0.2 0.5 0.8 0.1 bad\n");
        Write("set/data.yaml", "names: [cat]\n");
        Assert.Contains("'bad' is not a share", Assert.Single(Read(Folder.File("set")).Problems).What);
    }

    [Fact]
    public void LabelTxt_BesideLabels_IsPassedOver()
    {
        Picture("set/train/images/a.png", 100, 50);
        Write("set/train/labelTxt/a.txt", $"{Quad} cat 0\n");
        Write("set/train/labels/a.txt", "0 0.3 0.5 0.4 0.6\n");
        Write("set/data.yaml", "names: [cat]\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal(["train/images/a.png 100x50: cat 1200 [10,10,40,30]"], images);
        Assert.Equal("those in labels are taken", Assert.Single(problems).Done);
    }

    [Fact]
    public void LabelTxt_WithoutNames_HasThoseOfItsLines()
    {
        Picture("set/images/a.png", 100, 50);
        Write("set/labelTxt/a.txt", $"{Quad} small-vehicle 0\n{Quad} ship 0\n1 2 3\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"a.png 100x50: small-vehicle {Read1271} | ship {Read1271}"], images);
        Assert.Single(problems, p => p.IsLoss);
    }
}
