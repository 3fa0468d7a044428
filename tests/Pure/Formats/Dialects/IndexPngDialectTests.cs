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
}
