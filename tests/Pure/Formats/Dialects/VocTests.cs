using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Png;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>PNGs of classes and objects in the layout of PASCAL VOC, as CVAT, LabelMe's converter and PASCAL itself lay them out.</summary>
public sealed class VocTests : DialectFolder
{
    private const string Map = "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncar:10,20,30::\nperson:200,0,7::\n";

    private const string Cars = "car 2 [0,0,2,1] | car 2 [3,0,1,2] | person 1 [0,1,1,1]";

    /// <summary>6 x 2: two cars, a person, and void between.</summary>
    private static readonly int[] Classes = [0x0A141E, 0x0A141E, 0, 0x0A141E, 0, 0, 0xC80007, 0, 0, 0x0A141E, 0xE0E0C0, 0];
    private static readonly int[] Objects = [0x800000, 0x800000, 0, 0x008000, 0, 0, 0x808000, 0, 0, 0x008000, 0xE0E0C0, 0];

    private static byte[] Color(int[] colors) =>
        ImageEncoder.Png(new RgbImage(6, colors.Length / 6, [.. colors.SelectMany(c => new[] { (byte)(c >> 16), (byte)(c >> 8), (byte)c })]));

    /// <summary>The same pixels by a palette of its own.</summary>
    private static byte[] Palette(int[] colors)
    {
        var palette = colors.Distinct().Order().ToList();
        return PngCodec.Encode([.. colors.Select(c => (ushort)palette.IndexOf(c))], 6, colors.Length / 6,
            [.. palette.Select(c => ((byte)(c >> 16), (byte)(c >> 8), (byte)c))]);
    }

    private string Set(byte[]? classes, byte[]? objects, string? map = Map, string at = "set", string stem = "a", bool image = true)
    {
        if (classes is not null) Folder.Write($"{at}/SegmentationClass/{stem}.png", classes);
        if (objects is not null) Folder.Write($"{at}/SegmentationObject/{stem}.png", objects);
        if (map is not null) Write($"{at}/labelmap.txt", map);
        if (image) Picture($"{at}/JPEGImages/{stem}.png", 6, 2);
        Write($"{at}/ImageSets/Segmentation/default.txt", stem + "\n");
        return Folder.File("set");
    }

    [Theory]
    [InlineData(false, "set", "a")]
    [InlineData(true, "set", "a")]
    [InlineData(true, "set/VOCdevkit/VOC2012", "a")]
    [InlineData(false, "set", "sub/a")]
    public void Set_OfCvat_GivesEachObject(bool palette, string at, string stem)
    {
        Func<int[], byte[]> png = palette ? Palette : Color;
        var (images, problems) = Read(Set(png(Classes), png(Objects), at: at, stem: stem));
        Assert.Equal([$"{stem}.png 6x2: {Cars}"], images);
        Assert.Empty(problems);
        string folder = Folder.File(at);
        foreach (string given in (string[])[folder, Path.Combine(folder, "labelmap.txt"), Path.Combine(folder, "SegmentationClass")])
            Assert.Equal((AnnotationFormat.Voc, $"{stem}.png 6x2: {Cars}"), (AnnotationFiles.Recognize(given).Format, Assert.Single(Read(given).Images)));
    }

    [Fact]
    public void Objects_Missing_EachClassIsAMask()
    {
        var (images, problems) = Read(Set(Color(Classes), null));
        Assert.Equal(["a.png 6x2: car 4 [0,0,4,2] | person 1 [0,1,1,1]"], images);
        Assert.Contains("no SegmentationObject", Assert.Single(problems, p => p.Outcome == FormatOutcome.Noted).What);
    }

    [Fact]
    public void Classes_Missing_ObjectsHaveNoNames()
    {
        var (images, problems) = Read(Set(null, Color(Objects)));
        Assert.Equal(["a.png 6x2: - 2 [0,0,2,1] | - 2 [3,0,1,2] | - 1 [0,1,1,1]"], images);
        Assert.Equal("its objects have no names", Assert.Single(problems).Done);
    }

    [Fact]
    public void Objects_OfAnotherSizeOrDamaged_LeaveTheClasses()
    {
        foreach (byte[] objects in (byte[][])[ImageEncoder.Png(new RgbImage(3, 3)), [1, 2, 3]])
        {
            var (images, problems) = Read(Set(Color(Classes), objects));
            Assert.Equal(["a.png 6x2: car 4 [0,0,4,2] | person 1 [0,1,1,1]"], images);
            Assert.Equal((FormatOutcome.LeftOut, "all pixels of a class are one mask"), (Assert.Single(problems).Outcome, problems[0].Done));
        }
    }

    [Fact]
    public void Color_ThatNoClassHas_IsItsName()
    {
        var (images, problems) = Read(Set(Color(Classes), Color(Objects), "background:0,0,0::\ncar:10,20,30:wheel,door:drive\n"));
        Assert.Equal(["a.png 6x2: car 2 [0,0,2,1] | car 2 [3,0,1,2] | #c80007 1 [0,1,1,1]"], images);
        Assert.Equal(["it has parts or actions of classes, which masks do not show", "no class has the color 200,0,7"], problems.Select(p => p.What));
    }

    [Theory]
    [InlineData("background:0,0,0::\ntraffic:light:10,20,30::\nperson:200,0,7\n", "traffic:light", "person", 0)] // colons in a name; no parts
    [InlineData("car:10,20,30::\nperson:200, 0, 7::\n", "car", "person", 0)] // black without a name is none
    [InlineData("BG:0,0,0::\ncar:10,20,30::\nperson:200,0,7::\n", "car", "person", 0)]
    [InlineData("background:0,0,0::\ncar:10,20,30::\nvan:10,20,30::\nperson:200,0,7::\n", "car", "person", 1)]
    [InlineData("background:0,0,0::\nwrong\ncar:10,20,30::\nperson:200,0,7::\n", "car", "person", 1)]
    public void LabelMap_OfAnyKind_IsRead(string map, string car, string person, int told)
    {
        var (images, problems) = Read(Set(Color(Classes), Color(Objects), map));
        Assert.Equal([$"a.png 6x2: {Cars.Replace("car", car).Replace("person", person)}"], images);
        Assert.Equal(told, problems.Count);
    }

    [Fact]
    public void Set_OfPascal_HasItsClasses()
    {
        // 7 is car, 15 person, 255 void; objects are numbered.
        byte[] classes = PngCodec.Encode([7, 7, 0, 7, 255, 15], 3, 2, SemanticSam.Formats.Png.IndexPng.Palette);
        byte[] objects = PngCodec.Encode([1, 1, 0, 2, 255, 3], 3, 2, SemanticSam.Formats.Png.IndexPng.Palette);
        var (images, problems) = Read(Set(classes, objects, map: null, image: false));
        Assert.Equal(["a.jpg 3x2: car 2 [0,0,2,1] | car 1 [0,1,1,1] | person 1 [2,1,1,1]"], images);
        Assert.Contains(problems, p => p.Done == "names and colors are those of PASCAL VOC");
        Assert.All(problems, p => Assert.Equal(FormatOutcome.Noted, p.Outcome));
        // LabelMe's converter has a list of names, and gray numbers are those of classes, too.
        Write("set/class_names.txt", "_background_\n1\n2\n3\n4\n5\n6\ncat\n");
        Folder.Write("set/SegmentationClass/a.png", ImageEncoder.GrayPng([7, 7, 0, 7, 255, 0], 3, 2));
        Assert.Equal("a.jpg 3x2: cat 2 [0,0,2,1] | cat 1 [0,1,1,1] | - 1 [2,1,1,1]", Assert.Single(Read(Folder.File("set")).Images));
    }

    [Fact]
    public void List_OfWhatHasNoMask_IsAnImageWithoutObjects()
    {
        Set(Color(Classes), Color(Objects));
        Write("set/ImageSets/Segmentation/train.txt", "a\nempty\ngone\n");
        Picture("set/JPEGImages/empty.png", 5, 4);
        var (images, problems) = Read(Folder.File("set"));
        Assert.Equal([$"a.png 6x2: {Cars}", "empty.png 5x4: "], images);
        Assert.Equal([FormatOutcome.Noted, FormatOutcome.LeftOut], problems.Select(p => p.Outcome));
    }

    [Fact]
    public void Mask_OfAnotherSizeThanItsImage_IsLeftOut()
    {
        Set(Color(Classes), Color(Objects));
        Picture("set/JPEGImages/a.png", 12, 4);
        var (images, problems) = Read(Folder.File("set"));
        Assert.Empty(images);
        Assert.Contains("6 x 2, but its image is 12 x 4", Assert.Single(problems).What);
    }

    [Fact]
    public void Object_OfTwoClasses_IsOneOfEach()
    {
        var (images, problems) = Read(Set(Color(Classes), Color([.. Objects.Select(o => o == 0x808000 ? 0x800000 : o)])));
        Assert.Equal([$"a.png 6x2: {Cars}"], images);
        Assert.Equal("it is an object of each", Assert.Single(problems).Done);
    }

    [Fact]
    public void Sets_Several_AreNamed()
    {
        Set(Color(Classes), Color(Objects), at: "set/one");
        Set(Color(Classes), Color(Objects), at: "set/two");
        Assert.Contains("it holds 2 sets", Assert.Throws<AnnotationFileException>(() => Read(Folder.File("set"))).Message);
    }

    [Fact]
    public void Colors_WithoutEnd_AreNoClasses()
    {
        var noise = new RgbImage(120, 100);
        for (int i = 0; i < 120 * 100; i++) (noise.Pixels[3 * i], noise.Pixels[3 * i + 1]) = ((byte)i, (byte)(i >> 8));
        var (images, problems) = Read(Set(ImageEncoder.Png(noise), null, image: false));
        Assert.Empty(images);
        Assert.Contains(problems, p => p.What.Contains("more than 10000 masks"));
    }
}
