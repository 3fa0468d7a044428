using SemanticSam.Formats;
using SemanticSam.Formats.Png;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Tests.Pure.Imaging;
using SemanticSam.Tests.Support;

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
    [InlineData("img_dir/train/x.jpg", "ann_dir/train/x.png")]
    [InlineData("Train/images_png/x.png", "Train/masks_png/x.png")]
    [InlineData("leftImg8bit/val/a/x_leftImg8bit.png", "gtFine/val/a/x_gtFine_labelIds.png")]
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

    /// <summary>A folder of each kind; alone, and beside the images whose names the masks have.</summary>
    [Theory]
    [InlineData("m.bmp")]
    [InlineData("m.gif")]
    [InlineData("m.tif")]
    [InlineData("m.tiff")]
    public void MasksOfOtherKinds_AreReadAsTheyAreStored(string mask)
    {
        byte[] values = [0, 1, 1, 0, 2, 0, 1, 0];
        string list = Write("names.txt", "background\nroad\nriver\n");
        Folder.Write($"masks/{mask}", Path.GetExtension(mask) switch
        {
            ".bmp" => PlaneFiles.Bmp(values, 4, 2),
            ".gif" => PlaneFiles.Gif([0, 3, 3, 0, 0, 0, 3, 0], 4, 2), // black and white: a GIF has colors alone
            ".tif" => PlaneFiles.Tiff([.. values], 4, 2),
            _ => PlaneFiles.Tiff([.. values], 4, 2, bits: 16, tile: 16),
        });
        string expected = mask == "m.gif" ? "road 3 [1,0,2,2]" : "road 3 [1,0,2,2] | river 1 [0,1,1,1]";
        if (mask == "m.gif") list = Write("names.txt", "background\nroad\n");
        Assert.Equal([$"{mask} 4x2: {expected}"], Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: list).Images);
        Folder.Write("images/m.jpg", ImageEncoder.Jpeg(new RgbImage(4, 2)));
        var (images, problems) = Read(Folder.Path, AnnotationFormat.IndexPng, names: list);
        Assert.Equal([$"images/m.jpg 4x2: {expected}"], images);
        Assert.DoesNotContain(problems, p => p.IsLoss);
    }

    [Fact]
    public void MasksOfAPalette_HaveItsNumbers()
    {
        byte[] values = [0, 1, 1, 0, 2, 0, 1, 0];
        string list = Write("names.txt", "background\nroad\nriver\n");
        Folder.Write("masks/a.bmp", PlaneFiles.Bmp(values, 4, 2, [10, 20, 30, 200, 0, 0, 0, 200, 0]));
        Folder.Write("masks/b.tif", PlaneFiles.Tiff([.. values], 4, 2, hasPalette: true));
        Folder.Write("masks/c.tif", PlaneFiles.Tiff([.. values], 4, 2, hasPalette: true, tile: 16));
        Assert.Equal([.. new[] { "a.bmp", "b.tif", "c.tif" }.Select(f => $"{f} 4x2: road 3 [1,0,2,2] | river 1 [0,1,1,1]")],
            Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: list).Images);
    }

    [Fact]
    public void MasksOfColors_AreLeftOutByName()
    {
        Folder.Write("masks/a.gif", PlaneFiles.Gif([0, 3, 3, 0], 2, 2));
        Folder.Write("masks/b.tif", TiffFiles.Write([new RgbImage(1, 1, [1, 2, 3])]));
        var (images, problems) = Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: Write("names.txt", "background\nroad\n"));
        Assert.Equal(["a.gif 2x2: road 2 [0,0,2,2]"], images);
        Assert.Contains(problems, p => p.IsLoss && p.ToString().Contains("b.tif", StringComparison.Ordinal) && p.What.Contains("an image of colors"));
    }

    /// <summary>JPEG tells black from white, and no more.</summary>
    [Theory]
    [InlineData("background\nroad\n", "images/x.jpg 32x32: road 256 [8,8,16,16]")]
    [InlineData("background\nroad\nriver\n", "images/x.jpg 32x32: ")]
    public void MasksThatAreJpegs_AreHalvedWhereThereIsOneClass(string names, string expected)
    {
        byte[] pixels = [.. Enumerable.Range(0, 32 * 32)
            .SelectMany(i => Enumerable.Repeat((byte)(i % 32 is >= 8 and < 24 && i / 32 is >= 8 and < 24 ? 255 : 0), 3))];
        Folder.Write("images/x.jpg", ImageEncoder.Jpeg(new RgbImage(32, 32)));
        Folder.Write("masks/x.jpg", ImageEncoder.Jpeg(new RgbImage(32, 32, pixels), quality: 40));
        var (images, problems) = Read(Folder.Path, AnnotationFormat.IndexPng, names: Write("names.txt", names));
        Assert.Equal([expected], images);
        Assert.Contains("it is a JPEG, which changes the values of pixels", problems[0].What);
        Assert.Equal(expected.EndsWith(' '), problems[0].IsLoss);
    }

    [Fact]
    public void ImagesThatArePngs_WithMasksOfAnotherKind_AreNoMasks()
    {
        Folder.Write("images/x.png", ImageEncoder.GrayPng([1, 1, 1, 1], 2, 2));
        Folder.Write("masks/x.bmp", PlaneFiles.Bmp([0, 1, 1, 0], 2, 2));
        Assert.Equal(["images/x.png 2x2: road 2 [0,0,2,2]"],
            Read(Folder.Path, AnnotationFormat.IndexPng, names: Write("names.txt", "background\nroad\n")).Images);
    }

    /// <summary>A mask of one class whose edges were smoothed is one mask, and not one of each gray.</summary>
    [Theory]
    [InlineData("polyp\n", 255, 130, 3, "polyp 3 [0,0,3,1]")]
    [InlineData("background\npolyp\n", 250, 130, 3, "polyp 3 [0,0,3,1]")]
    [InlineData("polyp\n", 128, 128, 0, "polyp 3 [0,0,3,1]")] // one gray beside black
    [InlineData("polyp\n", 1, 1, 255, "polyp 3 [0,0,3,1]")] // void
    [InlineData("road\npolyp\n", 255, 130, 3, "130 1 [2,0,1,1] | 3 1 [3,0,1,1]")] // two classes
    public void Grays_OfOneClass_AreThatClass(string names, byte light, byte middle, byte dark, string expected)
    {
        Folder.Write("masks/m.png", ImageEncoder.GrayPng([light, light, middle, dark, 0, 0, 0, 0], 4, 2));
        var (images, _) = Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: Write("names.txt", names));
        Assert.Equal(expected.Split(" | ").Order(), images.Single()["m.png 4x2: ".Length..].Split(" | ").Order());
    }

    [Fact]
    public void White_Of16Bits_IsTheOneClass()
    {
        Folder.Write("masks/m.png", PngCodec.Encode([0, ushort.MaxValue, 0, 0], 2, 2, IndexPng.Palette));
        Assert.Equal(["m.png 2x2: road 1 [1,0,1,1]"],
            Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: Write("names.txt", "background\nroad\n")).Images);
    }

    /// <summary>A list that does not begin with the background counts from 1 where masks have the value that is their number.</summary>
    [Theory]
    [InlineData("cat\ndog\n", 0, 1, 2, "cat 1 [1,0,1,1] | dog 1 [0,1,1,1]", "names count from 1")]
    [InlineData("cat\ndog\n", 1, 1, 2, "cat 3 [0,0,2,2] | dog 1 [0,1,1,1]", "names count from 1")] // nothing is background
    [InlineData("void\ncat\ndog\n", 0, 1, 2, "cat 1 [1,0,1,1] | dog 1 [0,1,1,1]", null)]
    [InlineData("cat\ndog\nfox\n", 0, 1, 2, "dog 1 [1,0,1,1] | fox 1 [0,1,1,1]", "0 is left out as background")]
    [InlineData("cat\ndog\nfox\n", 255, 0, 2, "cat 1 [1,0,1,1] | fox 1 [0,1,1,1]", "0 is taken as 'cat'")] // 255 is void
    public void Names_WithoutBackground_AreCountedByTheValues(string names, byte first, byte second, byte third, string expected, string? told)
    {
        Folder.Write("masks/m.png", ImageEncoder.GrayPng([first, second, third, first], 2, 2));
        var (images, problems) = Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: Write("names.txt", names));
        Assert.Equal([$"m.png 2x2: {expected}"], images);
        Assert.Equal(told is null ? 0 : 1, problems.Count);
        if (told is not null) Assert.Contains(told, problems[0].Done);
    }

    /// <summary>A mask of another size than its image's lies nowhere on it.</summary>
    [Theory]
    [InlineData(8, 4, "x.png 8x4: road 16 [4,0,4,4]")]
    [InlineData(2, 1, "x.png 2x1: road 1 [1,0,1,1]")]
    [InlineData(8, 8, "")]
    public void Masks_OfAnotherSize_AreBroughtToTheImages(int width, int height, string expected)
    {
        Picture("images/x.png", width, height);
        Folder.Write("masks/x_mask.png", ImageEncoder.GrayPng([0, 0, 1, 1, 0, 0, 1, 1], 4, 2));
        var (images, problems) = Read(Folder.File("masks"), AnnotationFormat.IndexPng, Folder.File("images"), Write("names.txt", "background\nroad\n"));
        Assert.Equal(expected.Length == 0 ? [] : [expected], images);
        Assert.Contains($"its mask is 4 x 2, but its image is {width} x {height}", Assert.Single(problems).What);
    }

    [Fact]
    public void Masks_AFewPixelsLarger_AreBroughtToTheImages()
    {
        Picture("images/x.png", 300, 200);
        Folder.Write("masks/x.png", ImageEncoder.GrayPng([.. Enumerable.Range(0, 302 * 200).Select(i => (byte)(i % 302 < 151 ? 1 : 0))], 302, 200));
        Assert.Equal(["x.png 300x200: road 30000 [0,0,150,200]"], Read(Folder.File("masks"), AnnotationFormat.IndexPng, Folder.File("images"),
            Write("names.txt", "background\nroad\n")).Images);
    }

    /// <summary>Of Cityscapes' PNGs those of numbers of labels are masks.</summary>
    [Fact]
    public void Masks_OfCityscapes_AreThoseOfLabels()
    {
        foreach (string kind in new[] { "labelIds", "instanceIds", "labelTrainIds" })
            Folder.Write($"gtFine/x_gtFine_{kind}.png", ImageEncoder.GrayPng([0, 1, 1, 0], 2, 2));
        Picture("gtFine/x_gtFine_color.png", 2, 2);
        var (images, problems) = Read(Folder.Path, AnnotationFormat.IndexPng, names: Write("names.txt", "unlabeled\nroad\n"));
        Assert.Equal(["gtFine/x_gtFine_labelIds.png 2x2: road 2 [0,0,2,2]"], images);
        Assert.Empty(problems);
    }

    [Fact]
    public void Folder_WithoutMasks_SaysSo()
    {
        Write("masks/m.jpg", "x");
        Assert.Contains("there is no mask in it", Assert.Throws<AnnotationFileException>(() =>
            Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: Write("names.txt", "road\n"))).Message);
    }

    /// <summary>Colors that are one say nothing; what is transparent does.</summary>
    [Theory]
    [InlineData(255, false, "background\nroad\n")]
    [InlineData(255, true, "road\n")]
    [InlineData(0, false, "background\nroad\n")]
    [InlineData(0, true, "background\nroad\n")]
    [InlineData(1, true, "background\nroad\nriver\n")]
    public void Mask_OfOneColor_IsItsTransparency(int color, bool isGray, string names)
    {
        byte[] png = isGray ? GrayAlphaPng([.. Binary.SelectMany(a => new[] { (byte)color, a })], 4, 2)
            : ImageEncoder.RgbaPng([.. Binary.SelectMany(a => new[] { (byte)color, (byte)color, (byte)color, a })], 4, 2);
        Folder.Write("masks/m.png", png);
        string list = Write("names.txt", names);
        var (images, problems) = Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: list);
        Assert.Equal(["m.png 4x2: road 3 [1,0,2,2]"], images);
        Assert.Contains("some are transparent", problems.First(p => p.Outcome == FormatOutcome.Repaired).What);
        using var strict = AnnotationFiles.Open(Folder.File("masks"), AnnotationFormat.IndexPng, new() { Problem = _ => { }, Names = list, Strict = true });
        Assert.Contains("some are transparent", Assert.Throws<AnnotationFileException>(() => strict.Read().ToList()).Message);
    }

    /// <summary>Colors that differ are the mask, however transparent they are.</summary>
    [Fact]
    public void Mask_OfColorsAndTransparency_IsItsColors()
    {
        Folder.Write("masks/m.png", GrayAlphaPng([0, 0, 1, 255, 1, 255, 0, 255], 2, 2));
        var (images, problems) = Read(Folder.File("masks"), AnnotationFormat.IndexPng, names: Write("names.txt", "background\nroad\n"));
        Assert.Equal(["m.png 2x2: road 2 [0,0,2,2]"], images);
        Assert.Empty(problems);
    }

    /// <summary>A PNG of gray and transparency, 8 bits each.</summary>
    private static byte[] GrayAlphaPng(byte[] pixels, int width, int height)
    {
        byte[] rows = [.. pixels.Chunk(2 * width).SelectMany(r => r.Prepend((byte)0))];
        return [.. PngBytes.Header((uint)width, (uint)height, color: 4), .. PngBytes.Chunk("IDAT"u8, PngBytes.Deflated(rows)), .. PngBytes.Chunk("IEND"u8, [])];
    }

    [Theory]
    [InlineData(AnnotationFormat.LabelMe, "labelme")]
    [InlineData(AnnotationFormat.Sa1b, "sa1b")]
    [InlineData(AnnotationFormat.Result, "result")]
    [InlineData(AnnotationFormat.MaskPng, "mask-png")]
    [InlineData(AnnotationFormat.IndexPng, "index-png")]
    public void Folder_WithoutAFileOfTheNamedFormat_SaysSo(AnnotationFormat format, string name)
    {
        Picture("set/p.jpg", 4, 2);
        Write("set/other.json", "{\"classTitle\": 1}");
        string message = Assert.Throws<AnnotationFileException>(() => Read(Folder.File("set"), format)).Message;
        Assert.Contains($"there is no {name} in it", message);
        using var empty = AnnotationFiles.Open(Folder.File("set"), format, new() { MayBeEmpty = true });
        Assert.Empty(empty.Read());
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

    /// <summary>A list of names without the background's is understood from the values of the whole set; that takes no second look at the masks.</summary>
    [Fact]
    public void Names_WithoutTheBackground_AreUnderstoodWithOneReadingOfTheMasks()
    {
        for (int i = 0; i < 3; i++)
            Folder.Write($"set/{i}.png", SemanticSam.Imaging.Png.PngCodec.Encode([0, 0, 1, 2, 2, (ushort)(i == 1 ? 1 : 2)], 3, 2, IndexPng.Palette));
        using var reader = AnnotationFiles.Open(Folder.File("set"), AnnotationFormat.IndexPng,
            new() { Problem = _ => { }, Names = Write("names.txt", "cat\ndog\n") });
        Directory.Delete(Folder.File("set"), recursive: true);
        Assert.Equal(["cat 1, dog 3", "cat 2, dog 2", "cat 1, dog 3"],
            reader.Read().Select(i => string.Join(", ", i.Annotations.Select(a => $"{a.Category} {a.Mask.Area}"))));
    }

    [Theory]
    [InlineData("stuffthingmaps/train2017/9.png", "train2017/9.jpg")] // COCO-Stuff
    [InlineData("annotations/train/9.png", "train/9.jpg")]
    [InlineData("train2017_pixelmaps/9.png", "train2017/9.jpg")]
    [InlineData("masks/9.png", "9.jpg")]
    public void Masks_InFoldersOfSplits_BelongToTheirImages(string mask, string image)
    {
        Folder.Write($"set/{mask}", PngCodec.Encode([0, 0, 1, 1], 2, 2, IndexPng.Palette));
        Folder.Write($"set/{image}", ImageEncoder.Png(new RgbImage(2, 2))); // told by its content
        using var reader = AnnotationFiles.Open(Folder.File("set"), AnnotationFormat.IndexPng,
            new() { Problem = _ => { }, Names = Write("names.txt", "background\ncat\n") });
        Assert.Equal(image, Assert.Single(reader.Read()).FileName);
    }
}
