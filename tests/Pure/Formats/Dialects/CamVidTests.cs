using SemanticSam.Formats;
using SemanticSam.Imaging;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>PNGs of classes with a list of colors, as CamVid and those who followed it lay them out.</summary>
public sealed class CamVidTests : DialectFolder
{
    private const string Masks = "Side walk 40 [16,0,4,10] | Animal 24 [2,2,6,4]", Colors = "64 128 64\tAnimal\n0 0 192\t\tSide walk\n0 0 0 Void\n",
        Table = "name,r,g,b\nAnimal,64,128,64\nSide walk,0,0,192\nVoid,0,0,0\n";

    /// <summary>20 x 10: an animal, a strip of sidewalk, and void.</summary>
    private static byte[] Png()
    {
        var image = new RgbImage(20, 10);
        for (int i = 0; i < 200; i++)
        {
            var (x, y) = (i % 20, i / 20);
            byte[] color = x is >= 2 and < 8 && y is >= 2 and < 6 ? [64, 128, 64] : x > 15 ? [0, 0, 192] : [0, 0, 0];
            color.CopyTo(image.Pixels.AsSpan(3 * i));
        }
        return ImageEncoder.Png(image);
    }

    [Theory]
    [InlineData("label_colors.txt", "701_StillsRaw_full/0001.png", "LabeledApproved_full/0001_L.png")]
    [InlineData("label_colors.txt", "default/a.png", "defaultannot/a.png")]
    [InlineData("label_colors.txt", "images/a.png", "masks/a.png")]
    [InlineData("class_dict.csv", "train/a.png", "train_labels/a_L.png")]
    public void Set_OfSuchALayout_IsRead(string list, string image, string mask)
    {
        Picture($"set/{image}", 20, 10);
        Folder.Write($"set/{mask}", Png());
        Write($"set/{list}", list.EndsWith(".csv", StringComparison.Ordinal) ? Table : Colors);
        Write("set/default.txt", $"/{image} /{mask}\n");
        foreach (string given in (string[])[Folder.File("set"), Folder.File($"set/{list}")])
        {
            Assert.Equal(AnnotationFormat.Voc, AnnotationFiles.Recognize(given).Format);
            var (images, problems) = Read(given);
            Assert.Equal([$"{image} 20x10: {Masks}"], images);
            Assert.Equal("it has masks of classes alone", Assert.Single(problems).What);
        }
    }

    [Fact]
    public void Splits_AreOneSet()
    {
        foreach (string split in (string[])["train", "val"])
        {
            Picture($"set/{split}/a.png", 20, 10);
            Folder.Write($"set/{split}annot/a.png", Png());
        }
        Write("set/label_colors.txt", Colors + "1 2\n");
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"train/a.png 20x10: {Masks}", $"val/a.png 20x10: {Masks}"], images);
        Assert.Equal("line 4", Assert.Single(problems, p => p.IsLoss).Place);
    }

    /// <summary>CVAT's other layout with CamVid's list of colors.</summary>
    [Fact]
    public void Set_OfVoc_TakesTheListOfColors()
    {
        Picture("set/JPEGImages/a.png", 20, 10);
        Folder.Write("set/SegmentationClass/a.png", Png());
        Write("set/label_colors.txt", Colors);
        Assert.Equal([$"a.png 20x10: {Masks}"], Read(Folder.File("set")).Images);
    }

    [Fact]
    public void Images_ThatAreNotThere_AreCalledAsTheMasks()
    {
        Folder.Write("set/LabeledApproved_full/0001_L.png", Png());
        Write("set/label_colors.txt", Colors);
        Assert.StartsWith("LabeledApproved_full/0001.jpg 20x10: ", Assert.Single(Read(Folder.File("set")).Images));
    }
}
