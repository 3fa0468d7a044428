using CsCheck;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats;

/// <summary>Written and read again: what docs/formats.md says that a format keeps is there, whatever the annotations say.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Fresh(string extension = "") => _folder.File(Guid.NewGuid().ToString("N") + extension);

    /// <summary>Folders are read in order of name.</summary>
    private static AnnotatedImage[] Ordered(IEnumerable<AnnotatedImage> images) => [.. images.OrderBy(p => p.FileName, StringComparer.Ordinal)];

    [Theory]
    [InlineData(AnnotationFormat.LabelMe, true)]
    [InlineData(AnnotationFormat.LabelMe, false)]
    [InlineData(AnnotationFormat.MaskPng, null)]
    public void Folder_AnySet_KeepsEverything(AnnotationFormat format, bool? polygons) => FormatSamples.Set.Sample(set =>
    {
        var (back, loss) = FormatSamples.ThereAndBack(set, Fresh(), format, new() { Polygons = polygons });
        Assert.Equal(0, loss.Inexact);
        FormatSamples.AssertSame(Ordered(set), Ordered(back));
    }, iter: 40);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LabelMe_EitherRule_IsExactWhenReadByTheSame(bool inclusive) => FormatSamples.Set.Sample(set =>
    {
        var (back, _) = FormatSamples.ThereAndBack(set, Fresh(), AnnotationFormat.LabelMe, new() { InclusivePolygons = inclusive },
            new() { InclusivePolygons = inclusive });
        FormatSamples.AssertSame(Ordered(set), Ordered(back));
    }, iter: 20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cvat_AnySet_KeepsAnnotations(bool polygons) => FormatSamples.Set.Sample(set =>
    {
        var (back, loss) = FormatSamples.ThereAndBack(set, Fresh(".xml"), AnnotationFormat.Cvat, new() { Polygons = polygons });
        Assert.Equal(0, loss.Inexact);
        FormatSamples.AssertSame(set, back, keepsOfImage: p => p with { Id = null, Source = null, License = null });
    }, iter: 40);

    [Fact]
    public void Cvat_NameThatXmlCannotHold_LosesItsBadCharactersAlone()
    {
        var problems = new List<FormatProblem>();
        var good = new AnnotatedImage { FileName = "good.png", Width = 4, Height = 3, Annotations = [new() { Mask = Rle.Full(3, 4), Whole = new("car") }] };
        var bad = good with { FileName = "bad.png", Annotations = [new() { Mask = Rle.Full(3, 4), Whole = new("a\u0001") }] };
        var (back, _) = FormatSamples.ThereAndBack([bad, good], Fresh(".xml"), AnnotationFormat.Cvat,
            new() { Categories = [new(1, "a\u0001"), new(2, "car")], Problem = problems.Add });
        Assert.Equal(["bad.png: a_", "good.png: car"], back.Select(i => $"{i.FileName}: {Assert.Single(i.Annotations).Category}"));
        Assert.Contains("a character that XML cannot hold", Assert.Single(problems).What);
    }

    [Fact]
    public void IndexPng_MasksThatDoNotOverlap_KeepEverything() => FormatSamples.Set.Sample(set =>
    {
        var apart = Ordered(set.Select(p =>
        {
            var left = Rle.Full(p.Height, p.Width);
            var kept = new List<Annotation>();
            foreach (var a in p.Annotations)
            {
                var mask = a.Mask.Intersect(left);
                if (!mask.IsEmpty) kept.Add(a with { Mask = mask, Parent = null });
                left = left.Subtract(mask);
            }
            return p with { Annotations = kept };
        }));
        var (back, loss) = FormatSamples.ThereAndBack(apart, Fresh(), AnnotationFormat.IndexPng);
        Assert.Equal(0, loss.Inexact);
        FormatSamples.AssertSame(apart, Ordered(back));
    }, iter: 40);

    [Fact]
    public void IndexPng_MoreThan255Masks_KeepsThem()
    {
        var image = new AnnotatedImage { FileName = "many.png", Width = 40, Height = 20, Annotations = [.. Enumerable.Range(0, 800)
            .Select(i => new Annotation { Mask = Rle.FromBox(20, 40, new(i % 40, i / 40, i % 40 + 1, i / 40 + 1)), Id = i })] };
        var (back, _) = FormatSamples.ThereAndBack([image], Fresh(), AnnotationFormat.IndexPng);
        FormatSamples.AssertSame([image], back);
    }

    [Fact]
    public void IndexPng_Overlap_ShowsTheSmallerAndSaysWhatIsLost()
    {
        var problems = new List<FormatProblem>();
        Rle small = Rle.FromBox(20, 40, new(5, 5, 10, 10)), large = Rle.FromBox(20, 40, new(0, 0, 20, 20));
        var image = new AnnotatedImage
        {
            FileName = "p.png", Width = 40, Height = 20,
            Annotations = [new() { Mask = small, Id = 1 }, new() { Mask = large, Id = 2 }, new() { Mask = small, Id = 3 }],
        };
        var (back, loss) = FormatSamples.ThereAndBack([image], Fresh(), AnnotationFormat.IndexPng, new() { Problem = problems.Add },
            new() { Problem = problems.Add });
        Assert.Equal([large.Subtract(small), small], back[0].Annotations.OrderBy(a => a.Id == 2 ? 0 : 1).Select(a => a.Mask));
        Assert.Contains(problems, p => p.What.Contains("cover it wholly"));
        Assert.Contains(problems, p => p.What.Contains("no pixel has the index"));
        Assert.Equal((3, 2, 0), (loss.Masks, loss.Inexact, loss.LeastIou));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Yolo_AnySet_KeepsMasksAndNames(bool inclusive, bool islands) => FormatSamples.Set.Sample(set =>
    {
        string folder = Fresh();
        foreach (var image in set)
        {
            string path = Path.Combine(folder, "images", Path.ChangeExtension(image.FileName, ".png"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, ImageEncoder.Png(new RgbImage(image.Width, image.Height)));
        }
        // Crowds are left out. Who draws outlines draws what ties islands, and says so of each; what is read here is exact all the same.
        var kept =
            Ordered(set.Select(p => p with
        {
            FileName = Path.ChangeExtension(p.FileName, ".png"),
            Annotations = [.. p.Annotations.Where(a => !a.IsCrowd && (!inclusive || islands || MaskRegions.Components(a.Mask).Count == 1))],
        }));
        var (back, loss) = FormatSamples.ThereAndBack(kept, folder, AnnotationFormat.Yolo, new() { InclusivePolygons = inclusive },
            new() { InclusivePolygons = inclusive });
        if (!islands) Assert.Equal(0, loss.Inexact);
        FormatSamples.AssertSame(kept, Ordered(back), a => new() { Mask = a.Mask, Whole = a.FullName is { } name ? new(name) : null },
            p => p with { Id = null, Source = null, License = null });
    }, iter: 20);

    [Fact]
    public void Cutout_Mask_IsTheImagesPixelsInItsBox()
    {
        var image = new RgbImage(12, 9);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i * 7);
        Directory.CreateDirectory(_folder.File("in"));
        File.WriteAllBytes(_folder.File("in/p.png"), ImageEncoder.Png(image));
        var mask = Rle.FromBox(9, 12, new(3, 2, 8, 7)).Subtract(Rle.FromBox(9, 12, new(4, 3, 6, 5)));
        using var writer = AnnotationFiles.Create(_folder.File("out"), AnnotationFormat.Cutout, new() { Images = _folder.File("in") });
        writer.Write(new() { FileName = "p.png", Width = 12, Height = 9, Annotations = [new() { Mask = mask, Whole = new("a/b car") }] });
        byte[] png = File.ReadAllBytes(_folder.File("out/p/001_a_b_car.png"));
        Assert.Equal(mask.Crop(mask.Bounds), AlphaOf(png, 5, 5));
        var shown = ImageDecoder.Decode(png, new() { Background = (1, 2, 3) });
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 5; x++)
                Assert.Equal(mask.Contains(x + 3, y + 2) ? image.Row(y + 2).Slice(3 * (x + 3), 3).ToArray() : [1, 2, 3],
                    shown.Row(y).Slice(3 * x, 3).ToArray());
    }

    [Fact]
    public void Chain_ThroughEveryFormat_KeepsMasksOfOneIslandAndNames()
    {
        var random = new Random(5);
        string images = _folder.File("images");
        var set = new List<AnnotatedImage>();
        for (int n = 0; n < 3; n++)
        {
            Directory.CreateDirectory(images);
            File.WriteAllBytes(Path.Combine(images, $"p{n}.png"), ImageEncoder.Png(new RgbImage(50, 40)));
            var masks = Enumerable.Range(0, 4).Select(i => Rle.FromBox(40, 50, new(12 * i, 3, 12 * i + random.Next(4, 12), 35))
                .Subtract(Rle.FromBox(40, 50, new(12 * i + 1, 9, 12 * i + 3, 12))));
            set.Add(new()
            {
                FileName = $"p{n}.png", Width = 50, Height = 40,
                Annotations = [.. masks.Select((m, i) => new Annotation { Mask = m, Whole = new(i % 2 == 0 ? "car" : "tree") })],
            });
        }
        IReadOnlyList<AnnotatedImage> at = set;
        foreach (var format in (AnnotationFormat[])[AnnotationFormat.Coco, AnnotationFormat.LabelMe, AnnotationFormat.Cvat, AnnotationFormat.IndexPng,
            AnnotationFormat.Yolo, AnnotationFormat.MaskPng, AnnotationFormat.Coco])
        {
            string path = Fresh(AnnotationFormats.IsOneFile(format) ? ".out" : "");
            using (var writer = AnnotationFiles.Create(path, format, new() { Polygons = true }))
            {
                foreach (var image in at) writer.Write(image);
                writer.Complete();
            }
            Assert.Equal(format, AnnotationFiles.Recognize(path).Format);
            using var reader = AnnotationFiles.Open(path, null, new() { Images = images });
            at = Ordered(reader.Read());
        }
        Assert.Equal(set.SelectMany(p => p.Annotations).Select(a => (a.Mask, a.Category)), at.SelectMany(p => p.Annotations).Select(a => (a.Mask, a.Category)));
    }

    /// <summary>Where a cut-out is opaque.</summary>
    private static Rle AlphaOf(byte[] png, int height, int width)
    {
        RgbImage black = ImageDecoder.Decode(png, new() { Background = (0, 0, 0) }), white = ImageDecoder.Decode(png, new() { Background = (255, 255, 255) });
        return Rle.FromBytes([.. Enumerable.Range(0, width * height).Select(i => black.Pixels[3 * i] == white.Pixels[3 * i] ? (byte)1 : (byte)0)], height,
            width);
    }
}
