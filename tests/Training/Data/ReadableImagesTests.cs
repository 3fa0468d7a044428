using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;

namespace SemanticSam.Tests.Training.Data;

/// <summary>A picture that is missing or damaged costs itself, and not the hour of work beside it.</summary>
public sealed class ReadableImagesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<FormatProblem> _told = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_ImagesThatCannotBeOpened_AreToldAndLeftOut()
    {
        File.WriteAllText(Image("broken.png"), "no image");
        _folder.Write("other.png", ImageEncoder.Png(new RgbImage(16, 12)));
        var set = Set("good.png", "missing.png", "broken.png", "other.png");
        _folder.Write("other.png", ImageEncoder.Png(new RgbImage(8, 8))); // exchanged since
        var found = new ReadableImages(_told.Add).Of(set);
        Assert.Equal(["good.png"], found.Images.Select(i => i.FileName));
        Assert.Equal(["missing.png", "broken.png", "other.png"], _told.Select(p => p.File));
        Assert.All(_told, p => Assert.True(p.IsLoss));
        Assert.Contains("no such file", _told[0].ToString());
        Assert.Contains("8 x 8", _told[2].ToString());
    }

    [Fact]
    public void Of_NobodyListens_IsRefusedAtTheFirst()
    {
        var e = Assert.Throws<AnnotationFileException>(() => new ReadableImages(null).Of(Set("good.png", "missing.png")));
        Assert.Contains("missing.png", e.Message);
    }

    [Fact]
    public void Of_NothingThatCanBeOpened_IsRefused()
    {
        var e = Assert.Throws<AnnotationFileException>(() => new ReadableImages(_told.Add).Of(Set("missing.png", "absent.png")));
        Assert.Contains("none of the 2", e.Message);
    }

    [Fact]
    public void Decode_DamagedFile_IsToldOnce()
    {
        var set = Set("good.png");
        File.WriteAllBytes(Image("good.png"), File.ReadAllBytes(Image("good.png"))[..60]); // the header is whole
        var images = new ReadableImages(_told.Add);
        for (int i = 0; i < 2; i++) Assert.Null(images.Decode(set.Images[0], path => ImageDecoder.Decode(path, ImageDecoderOptions.Whole)));
        Assert.Equal("good.png", Assert.Single(_told).File);
    }

    private string Image(string name) => _folder.File(name);

    /// <summary>A set of 16 x 12 pixels an image, of which the one called good is there.</summary>
    private WholePartDataset Set(params string[] names)
    {
        _folder.Write("good.png", ImageEncoder.Png(new RgbImage(16, 12)));
        string images = string.Join(",", names.Select((n, i) => $$"""{"id": {{i + 1}}, "file_name": "{{n}}", "width": 16, "height": 12}"""));
        string masks = string.Join(",", names.Select((_, i) =>
            $$"""{"id": {{i + 1}}, "image_id": {{i + 1}}, "category_id": 1, "segmentation": [[1, 1, 7, 1, 7, 7, 1, 7]], "bbox": [1, 1, 6, 6], "area": 36}"""));
        File.WriteAllText(_folder.File("set.json"), $$"""{"images": [{{images}}], "annotations": [{{masks}}], "categories": [{"id": 1, "name": "cat"}]}""");
        return WholePartDataset.Load(_folder.File("set.json"), _folder.File("."), _ => { });
    }
}
