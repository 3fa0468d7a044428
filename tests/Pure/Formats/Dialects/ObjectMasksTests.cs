using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>A folder an image, with the image in images/ and a file an object in masks/, as the Data Science Bowl 2018 has them.</summary>
public sealed class ObjectMasksTests : DialectFolder
{
    private void Mask(string name, BoxI box, int width = 20, int height = 10) =>
        Folder.Write(name, ImageEncoder.Png(Rle.FromBox(height, width, box)));

    private string Set()
    {
        Picture("set/a1/images/a1.png", 20, 10);
        Mask("set/a1/masks/7f.png", new(2, 2, 8, 6));
        Mask("set/a1/masks/9c.png", new(4, 4, 10, 8));
        Picture("set/b2/images/b2.png", 20, 10);
        Mask("set/b2/masks/11.png", new(0, 0, 1, 1));
        return Folder.File("set");
    }

    [Fact]
    public void Folders_AreRead()
    {
        var (images, problems) = Read(Set());
        Assert.Equal(["a1/images/a1.png 20x10: - 24 [2,2,6,4] | - 24 [4,4,6,4]", "b2/images/b2.png 20x10: - 1 [0,0,1,1]"], images);
        Assert.Empty(problems);
        Assert.Equal(["a1.png 20x10: - 24 [2,2,6,4] | - 24 [4,4,6,4]"], Read(Folder.File("set/a1")).Images.Select(i => i.Replace("images/", "")));
    }

    [Fact]
    public void Name_Given_IsThatOfAll()
    {
        Assert.StartsWith("a1/images/a1.png 20x10: nucleus 24", Read(Set(), names: Write("names.txt", "nucleus\n")).Images[0], StringComparison.Ordinal);
        var (images, problems) = Read(Set(), names: Write("names.txt", "nucleus\ncell\n"));
        Assert.StartsWith("a1/images/a1.png 20x10: - 24", images[0], StringComparison.Ordinal);
        Assert.Equal(FormatOutcome.Noted, Assert.Single(problems).Outcome);
    }

    [Fact]
    public void What_CannotBeUsed_IsLeftOutAlone()
    {
        string set = Set();
        Mask("set/a1/masks/other-size.png", new(0, 0, 1, 1), 5, 5);
        Mask("set/a1/masks/nothing.png", new(0, 0, 0, 0));
        Write("set/a1/masks/torn.png", "no PNG");
        Picture("set/c3/images/c3.png", 20, 10);
        var (images, problems) = Read(set);
        Assert.Equal("a1/images/a1.png 20x10: - 24 [2,2,6,4] | - 24 [4,4,6,4]", images[0]);
        Assert.Equal("c3/images/c3.png 20x10: ", images[2]);
        Assert.Equal(3, problems.Count(p => p.Outcome == FormatOutcome.LeftOut && p.File.StartsWith("a1/masks/", StringComparison.Ordinal)));
        Assert.Equal("c3/images/c3.png", Assert.Single(problems, p => p.Outcome == FormatOutcome.Noted).File);
    }

    [Fact]
    public void MasksOfClasses_AreNotTakenForObjects()
    {
        foreach (string name in (string[])["a", "b"])
        {
            Picture($"set/images/{name}.png", 20, 10);
            Mask($"set/masks/{name}_mask.png", new(2, 2, 8, 6));
        }
        Assert.Equal(AnnotationNeed.Format, Assert.Throws<AnnotationFileException>(() => AnnotationReader.Recognize(Folder.File("set"))).Need);
    }
}
