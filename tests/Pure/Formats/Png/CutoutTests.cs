using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Formats.Dialects;

namespace SemanticSam.Tests.Pure.Formats.Png;

/// <summary>Cut-outs: the image's pixels inside a mask, nothing outside.</summary>
public sealed class CutoutTests : DialectFolder
{
    /// <summary>An L of three pixels at (2, 1).</summary>
    private static readonly Rle Corner = Rle.FromBox(6, 8, new(2, 1, 3, 3)).Union(Rle.FromBox(6, 8, new(3, 2, 4, 3)));

    private static RgbImage Image(int width = 8, int height = 6)
    {
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i + 1);
        return image;
    }

    private static AnnotatedImage Annotated(params Annotation[] annotations) => new() { FileName = "a.png", Width = 8, Height = 6, Annotations = annotations };

    private (string[] Files, List<FormatProblem> Problems) Write(AnnotatedImage image, string? images = null, Func<AnnotatedImage, RgbImage?>? pixels = null)
    {
        var problems = new List<FormatProblem>();
        using (var writer = AnnotationFiles.Create(Folder.File("out"), AnnotationFormat.Cutout,
            new() { Images = images, Pixels = pixels, Problem = problems.Add }))
        {
            writer.Write(image);
            writer.Complete();
        }
        Directory.CreateDirectory(Folder.File("out")); // where nothing could be written
        return ([.. Directory.GetFiles(Folder.File("out"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)], problems);
    }

    [Fact]
    public void Write_Mask_IsThePixelsInsideCroppedToIt()
    {
        var image = Image();
        var (files, problems) = Write(Annotated(new Annotation { Mask = Corner, Whole = new("car") }), pixels: _ => image);
        Assert.Empty(problems);
        Assert.Equal("001_car.png", Path.GetFileName(Assert.Single(files)));
        byte[] At(int x, int y) => image.Row(y).Slice(3 * x, 3).ToArray();
        foreach (byte back in (byte[])[255, 0]) // what shows through is whatever lies behind
        {
            var cut = ImageDecoder.Decode(files[0], new() { Background = (back, back, back) });
            Assert.Equal((2, 2), (cut.Width, cut.Height));
            Assert.Equal([.. At(2, 1), back, back, back, .. At(2, 2), .. At(3, 2)], cut.Pixels);
        }
    }

    /// <summary>YOLO's reader has found the image, whose size it needs; no folder has to be named.</summary>
    [Fact]
    public void Write_OfASetOfYolo_TakesItsImages()
    {
        Picture("set/images/a.png", 8, 6);
        Write("set/labels/a.txt", "0 0.5 0.5 0.5 0.5\n");
        Write("set/data.yaml", "names: [cat]\n");
        using (var reader = AnnotationFiles.Open(Folder.File("set"), null, new() { Problem = _ => { } }))
            Assert.Equal(["001_cat.png"], Write(Assert.Single(reader.Read())).Files.Select(Path.GetFileName));
    }

    [Fact]
    public void Write_EmptyMask_IsLeftOutAndTheOthersKeepTheirNumbers()
    {
        var (files, problems) = Write(Annotated(new Annotation { Mask = Rle.Empty(6, 8), Id = 5 }, new Annotation { Mask = Corner }), pixels: _ => Image());
        Assert.Equal(["002.png"], files.Select(Path.GetFileName));
        var left = Assert.Single(problems);
        Assert.Contains("annotation 5", left.ToString(), StringComparison.Ordinal);
        Assert.True(left.IsLoss);
    }

    [Fact]
    public void Write_PixelsThatAreNotThere_SaysWhatIsMissing()
    {
        var image = Annotated(new Annotation { Mask = Corner });
        FormatProblem Problem(string? images)
        {
            var (files, problems) = Write(image, images);
            Assert.Empty(files);
            var problem = Assert.Single(problems);
            Assert.True(problem.IsLoss);
            return problem;
        }
        Assert.Equal(AnnotationNeed.Images, Problem(null).Need);
        Folder.Write("pics/a.png", ImageEncoder.Png(Image(9, 6)));
        Assert.Contains("the image is 9 x 6, but its annotations are for 8 x 6", Problem(Folder.File("pics")).What, StringComparison.Ordinal);
        Folder.Write("pics/a.png", ImageEncoder.Png(Image())[..40]);
        Problem(Folder.File("pics"));
        Folder.Write("pics/a.png", ImageEncoder.Png(Image()));
        Assert.Single(Write(image, Folder.File("pics")).Files);
    }
}
