using SemanticSam.Formats;
using SemanticSam.Formats.Png;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

public sealed class IndexPngDialectTests : DialectFolder
{
    private static readonly byte[] Binary = [0, 255, 255, 0, 0, 0, 255, 0];

    [Theory]
    [InlineData("background\nroad\n", "m.png 4x2: road 3 [1,0,2,2]")]
    [InlineData("road\n", "m.png 4x2: road 3 [1,0,2,2]")]
    [InlineData("background\nroad\nriver\n", "m.png 4x2: ")]
    public void Values_0And255_AreTheOneClass(string names, string expected)
    {
        string list = Write("names.txt", names);
        foreach (byte[] png in new[] { ImageEncoder.GrayPng(Binary, 4, 2),
            ImageEncoder.Png(new RgbImage(4, 2, [.. Binary.SelectMany(b => new[] { b, b, b })])) })
        {
            Folder.Write("masks/m.png", png);
            var (images, problems) = Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: list);
            Assert.Equal([expected], images);
            Assert.Contains("0 and 255", Assert.Single(problems).What);
        }
    }

    /// <summary>Gray photos of values that could be classes would be masks, without a word.</summary>
    [Theory]
    [InlineData("train/x.png", "trainannot/x.png")]
    [InlineData("images/x.png", "masks/x.png")]
    [InlineData("images/train/x.jpg", "annotations/train/x.png")]
    [InlineData("images/x.jpg", "annotations/trimaps/x.png")]
    [InlineData("x.jpg", "x_mask.png")]
    [InlineData("photos/x.jpg", "gt/x_L.png")]
    [InlineData("701_StillsRaw/x.png", "Labels/x_L.png")]
    public void MasksBesideTheirImages_AreCalledByThese(string image, string mask)
    {
        string list = Write("names.txt", "background\nroad\n");
        Folder.Write($"set/{image}", ImageEncoder.GrayPng([1, 1, 1, 1, 1, 1, 1, 1], 4, 2));
        Folder.Write($"set/{mask}", ImageEncoder.GrayPng([0, 1, 1, 0, 0, 0, 1, 0], 4, 2));
        var (images, problems) = Read(Folder.File("set"), AnnotationFormat.IndexPng, names: list);
        Assert.Equal([$"{image} 4x2: road 3 [1,0,2,2]"], images);
        Assert.DoesNotContain(problems, p => p.IsLoss);
    }

    [Fact]
    public void Values_WithoutAName_AreCalledByTheirNumbers()
    {
        Folder.Write("m.png", PngCodec.Encode([0, 1, 3, 3], 2, 2, IndexPng.Palette));
        var (images, problems) = Read(Folder.File("m.png"), names: Write("names.txt", "background\nroad\n"));
        Assert.Equal(["m.png 2x2: road 1 [1,0,1,1] | 3 2 [0,1,2,1]"], images);
        Assert.Equal("it is called '3'", Assert.Single(problems).Done);
    }

    [Fact]
    public void Values_0And1WithOneName_AreThatClass()
    {
        Folder.Write("masks/m.png", PngCodec.Encode([0, 1, 1, 0, 0, 0, 1, 0], 4, 2, IndexPng.Palette));
        var (images, problems) = Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: Write("names.txt", "road\n"));
        Assert.Equal(["m.png 4x2: road 3 [1,0,2,2]"], images);
        Assert.Equal(FormatOutcome.Noted, Assert.Single(problems).Outcome);
    }

    [Fact]
    public void Folder_WithoutAPng_SaysSo()
    {
        Write("masks/m.jpg", "x");
        Assert.Contains("there is no PNG in it", Assert.Throws<AnnotationFileException>(() =>
            Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: Write("names.txt", "road\n"))).Message);
    }

    [Theory]
    [InlineData("set")]
    [InlineData("set/train")]
    public void Masks_OfRoboflow_HaveTheNamesOfTheirTable(string folder)
    {
        Folder.Write($"{folder}/a_mask.png", PngCodec.Encode([0, 1, 2, 2], 2, 2, IndexPng.Palette));
        Picture($"{folder}/a.jpg", 2, 2);
        Write($"{folder}/_classes.csv", "Pixel Value, Class\n0, background\n1, road\n2, river\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"{(folder == "set" ? "" : "train/")}a.jpg 2x2: road 1 [1,0,1,1] | river 2 [0,1,2,1]"], images);
        Assert.Empty(problems);
    }

    [Fact]
    public void Masks_OfRoboflow_WhoseSplitsContradict_AreRefused()
    {
        foreach (var (split, name) in new[] { ("train", "road"), ("valid", "river") })
        {
            Folder.Write($"set/{split}/a_mask.png", PngCodec.Encode([0, 1], 2, 1, IndexPng.Palette));
            Write($"set/{split}/_classes.csv", $"Pixel Value, Class\n0, background\n1, {name}\n");
        }
        Assert.Contains("other classes than those of another split", Assert.Throws<AnnotationFileException>(() => Read(Folder.File("set"))).Message);
        Assert.Equal(["a.jpg 2x1: river 1 [1,0,1,1]"], Read(Folder.File("set/valid")).Images);
    }
}
