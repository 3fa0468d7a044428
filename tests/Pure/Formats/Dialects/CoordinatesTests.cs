using SemanticSam.Formats;
using SemanticSam.Formats.Shapes;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Decoding;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SkiaSharp;

namespace SemanticSam.Tests.Pure.Formats.Dialects;

/// <summary>Coordinates in other units, of other corners, and of images that lie on their side: silently wrong masks, if nobody looked.</summary>
public sealed class CoordinatesTests : DialectFolder
{
    private static string Coco(string annotation, int width = 200, int height = 100, string name = "a.jpg") =>
        $$"""
        {"images": [{"id": 1, "file_name": "{{name}}", "width": {{width}}, "height": {{height}}}], "categories": [{"id": 1, "name": "cat"}],
         "annotations": [{"id": 1, "image_id": 1, "category_id": 1, {{annotation}}}]}
        """;

    /// <summary>Each is the box [20, 20, 60, 40] of an image of 200 x 100.</summary>
    [Theory]
    [InlineData("\"bbox\": [0.1, 0.2, 0.3, 0.4]", "shares of the image's sides")]
    [InlineData("\"segmentation\": [[0.1, 0.2, 0.4, 0.2, 0.4, 0.6, 0.1, 0.6]]", "shares of the image's sides")]
    [InlineData("\"bbox\": [20, 20, 80, 60], \"area\": 2400", "two corners")]
    [InlineData("\"bbox\": [20, 20, 60, 40], \"area\": 2400", "no outline")]
    [InlineData("\"bbox\": [20, 20, 60, 40], \"area\": 7", "no outline")]
    [InlineData("\"bbox\": [20, 20, 60, 40], \"attributes\": {\"rotation\": 360.0}", "no outline")]
    [InlineData("\"bbox\": [30, 10, 40, 60], \"attributes\": {\"occluded\": false, \"rotation\": 90.0}", "no outline")]
    [InlineData("\"segmentation\": {\"polygon\": [20, 20, 80, 20, 80, 60]}, \"bbox\": [20, 20, 60, 40]", "no run lengths")]
    [InlineData("\"bbox\": [20, 20, 80, 60], \"bbox_mode\": 0", "is not [x, y, width, height]")]
    [InlineData("\"bbox\": [20, 20, 60, 40], \"bbox_mode\": 1", "no outline")]
    [InlineData("\"bbox\": [0.1, 0.2, 0.4, 0.6], \"bbox_mode\": 2", "shares of the image's sides")]
    [InlineData("\"bbox\": [0.1, 0.2, 0.3, 0.4], \"bbox_mode\": 3", "shares of the image's sides")]
    [InlineData("\"bbox\": [50, 40, 60, 40, 0], \"bbox_mode\": 4", "is not [x, y, width, height]")]
    [InlineData("\"bbox\": [50, 40, 40, 60, 90.0], \"bbox_mode\": \"BoxMode.XYWHA_ABS\"", "is not [x, y, width, height]")]
    public void Box_InWhateverWay_IsThatBox(string annotation, string said)
    {
        string path = Write("in.json", Coco(annotation));
        var (images, problems) = Read(path);
        Assert.Equal(["a.jpg 200x100: cat 2400 [20,20,60,40]"], images);
        Assert.Contains(problems, p => p.What.Contains(said));
        Assert.All(problems, p => Assert.Equal(FormatOutcome.Repaired, p.Outcome));
        Strict(path);
    }

    /// <summary>CVAT turns clockwise, as one sees it: by 45 degrees the corners of a square are above, right, below and left of its center.</summary>
    [Fact]
    public void Box_ThatIsTurned_IsNotItsUprightSelf()
    {
        var (images, _) = Read(Write("in.json", Coco("\"bbox\": [40, 40, 20, 20], \"attributes\": {\"rotation\": 45}")));
        Assert.Matches(@"cat (39\d|40\d|41\d|42\d) \[36,36,28,28\]", Assert.Single(images));
        (images, _) = Read(Write("in.json", Coco("\"bbox\": [40, 45, 40, 10], \"attributes\": {\"rotation\": 30}")));
        using var reader = AnnotationReader.Open(Folder.File("in.json"), null, new() { Problem = _ => { } });
        var mask = Assert.Single(Assert.Single(reader.Read()).Annotations).Mask;
        Assert.Equal((true, false), (mask.Contains(75, 58), mask.Contains(75, 42))); // its right end goes down
        Assert.NotEmpty(images);
    }

    /// <summary>Detectron2's angle is counter-clockwise: the right end of a long box goes up.</summary>
    [Fact]
    public void Box_OfDetectron2WithAnAngle_IsTurnedCounterClockwise()
    {
        Write("in.json", Coco("\"bbox\": [60, 50, 40, 10, 30], \"bbox_mode\": 4"));
        using var reader = AnnotationReader.Open(Folder.File("in.json"), null, new() { Problem = _ => { } });
        var mask = Assert.Single(Assert.Single(reader.Read()).Annotations).Mask;
        Assert.InRange(mask.Area, 390, 410);
        Assert.Equal((true, false), (mask.Contains(75, 42), mask.Contains(75, 58)));
    }

    /// <summary>All of the image: as shares whole numbers, too.</summary>
    [Fact]
    public void Box_OfDetectron2InShares_MayBeTheWholeImage() =>
        Assert.Equal(["a.jpg 200x100: cat 20000 [0,0,200,100]"], Read(Write("in.json", Coco("\"bbox\": [0, 0, 1, 1], \"bbox_mode\": 3"))).Images);

    [Theory]
    [InlineData("[100, 50, 40, 20, 0.5]", 5)]
    [InlineData("[80, 40, 120, 40, 120, 60, 80, 60]", 8)]
    public void Box_OfMoreNumbers_IsSaidToHaveThem(string box, int count) =>
        Assert.Contains($"has {count} numbers", Assert.Single(Read(Write("in.json", Coco($"\"bbox\": {box}"))).Problems).What);

    [Fact]
    public void Polygon_WithinTheFirstPixel_IsSharesOnlyWhereItIsNotWhole()
    {
        Assert.Equal(["a.jpg 200x100: cat 1 [0,0,1,1]"], Read(Write("in.json", Coco("\"segmentation\": [[0, 0, 1, 0, 1, 1, 0, 1]]"))).Images);
        Assert.Equal(["a.jpg 200x100: cat 2400 [20,20,60,40]"],
            Read(Write("in.json", Coco("\"segmentation\": [[0.1, 0.2, 0.4, 0.2, 0.4, 0.6, 0.1, 0.6], [5, 2]]"))).Images);
    }

    [Fact]
    public void LabelMe_SharesOfTheSides_AreMultiplied()
    {
        var (images, problems) = Read(Write("a.json",
            """{"shapes": [{"label": "cat", "points": [[0.1, 0.2], [0.4, 0.6]], "shape_type": "rectangle"}], "imagePath": "a.jpg", "imageWidth": 200, "imageHeight": 100}"""));
        Assert.Equal(["a.jpg 200x100: cat 2501 [20,20,61,41]"], images);
        Assert.Contains("shares", Assert.Single(problems).What);
    }

    /// <summary>
    /// A photo that is stored on its side. What was drawn on it so, is turned with it; what was drawn on the upright image stays, also where a converter
    /// looked the size up in the file's header (as exports of Label Studio and of supervision do).
    /// </summary>
    [Theory]
    [InlineData("origin6.jpg")]
    [InlineData("origin6.webp")]
    public void Image_OnItsSide_TurnsWhatWasDrawnOnItSo(string picture)
    {
        var (width, height) = ImageFile.PeekSize(Fixtures.OwnPath($"imaging/{picture}"));
        Folder.Write(picture, File.ReadAllBytes(Fixtures.OwnPath($"imaging/{picture}")));
        static string Outline(int left, int top) =>
            $"\"segmentation\": [[{left}, {top}, {left + 10}, {top}, {left + 10}, {top + 4}, {left}, {top + 4}]], \"bbox\": [{left}, {top}, 10, 4]";
        (string Image, string Done) Drawn(string annotation) =>
            Read(Write("in.json", Coco(annotation, height, width, picture)), images: Folder.Path) is var (images, problems)
                ? (Assert.Single(images), Assert.Single(problems).Done) : default;
        const string turned = "its annotations are turned with it", kept = "the image's own size is taken";
        // In the stored image's lower right corner; clockwise, what is below comes to the left.
        Assert.Equal(($"{picture} {width}x{height}: cat 40 [0,{height - 10},4,10]", turned), Drawn(Outline(height - 10, width - 4)));
        Assert.Contains("as the pixels are stored", Strict(Folder.File("in.json"), Folder.Path).What);
        // In the upright image's, and where both could be.
        Assert.Equal(($"{picture} {width}x{height}: cat 40 [{width - 10},{height - 4},10,4]", kept), Drawn(Outline(width - 10, height - 4)));
        Assert.Equal(($"{picture} {width}x{height}: cat 40 [2,3,10,4]", kept), Drawn(Outline(2, 3)));
        // A column of the stored image, as run lengths of its size: a row of the upright one.
        Assert.Equal(($"{picture} {width}x{height}: cat {width} [0,0,{width},1]", turned),
            Drawn($"\"segmentation\": {{\"size\": [{width}, {height}], \"counts\": [0, {width}, {width * height - width}]}}"));
        Assert.Equal([$"{picture} {width}x{height}: cat 40 [2,3,10,4]"],
            Read(Write("in.json", Coco(Outline(2, 3), width, height, picture)), images: Folder.Path).Images);
        // LabelMe writes the size of the image that it shows.
        string labelMe = Write("set/p.json", $$"""
            {"shapes": [{"label": "cat", "points": [[2.5, 3.5], [11.5, 3.5], [11.5, 6.5], [2.5, 6.5]]}], "imagePath": "../{{picture}}",
             "imageWidth": {{height}}, "imageHeight": {{width}}}
            """);
        Assert.Equal([$"{picture} {width}x{height}: cat 40 [{width - 7},2,4,10]"], Read(labelMe).Images);
    }

    /// <summary>Sides that are exchanged mean nothing where the image is stored as it is seen.</summary>
    [Fact]
    public void Image_ThatIsUpright_TurnsNothing()
    {
        Picture("a.png", 20, 10);
        var (images, problems) = Read(Write("in.json", Coco("\"segmentation\": [[2, 3, 8, 3, 8, 7, 2, 7]]", 10, 20, "a.png")), images: Folder.Path);
        Assert.Equal(["a.png 20x10: cat 24 [2,3,6,4]"], images);
        Assert.Equal("the image's own size is taken", Assert.Single(problems).Done);
    }

    /// <summary>Masks are turned as pixels are.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Mask_OfEveryOrientation_IsTurnedAsTheImage(int orientation)
    {
        var random = new Random(orientation);
        for (int round = 0; round < 50; round++)
        {
            var stored = new RgbImage(random.Next(1, 20), random.Next(1, 20));
            var bits = new bool[stored.Width * stored.Height];
            for (int i = 0; i < bits.Length; i++)
            {
                bits[i] = random.Next(4) == 0;
                if (bits[i]) stored.Pixels[3 * i] = 255;
            }
            var upright = Orientation.Turn(stored, (SKEncodedOrigin)orientation);
            var expected = Rle.FromBools([.. Enumerable.Range(0, bits.Length).Select(i => upright.Pixels[3 * i] == 255)], upright.Height, upright.Width);
            Assert.Equal(expected, TurnedMasks.Upright(Rle.FromBools(bits, stored.Height, stored.Width), orientation));
            int at = Array.IndexOf(bits, true);
            if (at < 0) continue;
            // A point in the middle of a pixel stays in that pixel, and a crop around it, too.
            var (x, y) = (at % stored.Width, at / stored.Width);
            var image = TurnedMasks.Upright(new AnnotatedImage
            {
                FileName = "a", Width = stored.Width, Height = stored.Height,
                Annotations = [new() { Mask = Rle.FromBox(stored.Height, stored.Width, new(x, y, x + 1, y + 1)),
                    Point = (x + 0.5, y + 0.5), CropBox = (x, y, 1, 1) }],
            }, orientation);
            var turned = Assert.Single(image.Annotations);
            var (left, top, _, _) = turned.Mask.BoxXywh;
            Assert.Equal(((left + 0.5, top + 0.5), (left, top, 1.0, 1.0)), (turned.Point!.Value, turned.CropBox!.Value));
        }
    }

    private string Boxes(string more, params string[] boxes) => Write("in.json", $$"""
        {"images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}], "categories": [{"id": 1, "name": "cat"}],
         "annotations": [{{string.Join(",", boxes.Select((b, i) => $"{{\"id\": {i + 1}, \"image_id\": 1, \"category_id\": 1, \"bbox\": {b}{more}}}"))}}]}
        """);

    private static readonly string[] Corners = ["[100, 40, 180, 90]", "[120, 10, 190, 95]", "[10, 10, 60, 60]", "[150, 20, 199, 80]", "[60, 50, 120, 99]"];

    /// <summary>One box may be either; of a set many would reach out of their images, and as two corners none does.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(", \"segmentation\": [[]], \"area\": 0")]
    public void Boxes_OfASetThatAreTwoCorners_AreTakenSo(string more)
    {
        string path = Boxes(more, Corners);
        var (images, problems) = Read(path);
        Assert.Equal(["a.jpg 200x100: cat 4000 [100,40,80,50] | cat 5950 [120,10,70,85] | cat 2500 [10,10,50,50] | cat 2940 [150,20,49,60] "
            + "| cat 2940 [60,50,60,49]"], images);
        var set = Assert.Single(problems, p => p.Place.Length == 0);
        Assert.Equal((FormatOutcome.Repaired, "they are taken as corners"), (set.Outcome, set.Done));
        Assert.Contains("4 of 5 boxes [x, y, width, height] reach out", set.What);
        Strict(path);
        using var reader = AnnotationReader.Open(path, null, new() { Problem = _ => { } });
        Assert.Equal((100.0, 40.0, 80.0, 50.0), Assert.Single(reader.Read()).Annotations[0].Written.Box);
    }

    /// <summary>Where something says that they have sizes, or where they reach out as corners, too, they stay, and it is said.</summary>
    [Theory]
    [InlineData("[100, 40, 80, 90]", "4 of 5 boxes")] // right is left of left
    [InlineData("[100, 40, 180, 90], \"area\": 16200", "4 of 5 boxes")]
    [InlineData("[100, 40, 220, 90]", "4 of 5 boxes")]
    public void Boxes_ThatMayHaveSizes_AreTold(string first, string said)
    {
        var (images, problems) = Read(Boxes("", [first, .. Corners[1..]]));
        Assert.EndsWith("| cat 2000 [60,50,120,50]".Replace("2000", "6000"), Assert.Single(images));
        Assert.Contains(problems, p => p.Outcome == FormatOutcome.Noted && p.What.StartsWith(said, StringComparison.Ordinal));
    }

    [Fact]
    public void Boxes_WithinTheirImages_AreNotTold() =>
        Assert.DoesNotContain(Read(Boxes("", "[10, 10, 60, 60]", "[10, 20, 60, 60]", "[20, 20, 60, 60]", "[10, 40, 60, 60]", "[100, 40, 180, 90]")).Problems,
            p => p.Place.Length == 0);

    /// <summary>Boxes of annotations inside their images, as Detectron2 has them.</summary>
    [Fact]
    public void Boxes_InsideTheirImages_AreOfTheSetAsWell()
    {
        string inside = string.Join(",", Corners.Select(b => $"{{\"category_id\": 1, \"bbox\": {b}}}"));
        string path = Write("in.json", "[{\"file_name\": \"a.jpg\", \"image_id\": 1, \"width\": 200, \"height\": 100, "
            + $"\"annotations\": [{inside}]}}]");
        var (images, problems) = Read(path);
        Assert.StartsWith("a.jpg 200x100: 1 4000 [100,40,80,50] | ", Assert.Single(images));
        Assert.Contains(problems, p => p.Done == "they are taken as corners");
    }
}
