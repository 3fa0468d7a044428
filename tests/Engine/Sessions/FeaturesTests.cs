using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Engine.Sessions.SemanticSam;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Imaging;
using SemanticSam.Tests.Support;
using TorchSharp;

namespace SemanticSam.Tests.Engine.Sessions;

/// <summary>Features saved and opened again, for every family.</summary>
public sealed class FeaturesTests
{
    private static SegmentationModel Model(string family, string sha256 = "0123") => family switch
    {
        "sam" => new(new SamSegmenter(SamConfigs.Model("small"), sha256, torch.CPU)),
        "semantic-sam" =>
            new(new SemanticSamSegmenter(ModuleFill.Fill(new SemanticSamModel(ReferenceConfig.SemanticSamTiny() with { Sizing = new() { Pixels = 96 } })),
            new(), sha256, null, torch.CPU)),
        "tiny-nano" => TinyModel(),
        _ => SegmentationModel.Default(),
    };

    private static SegmentationModel TinyModel()
    {
        using var folder = new TempFolder();
        return TinyNano.Model(folder);
    }

    private static RgbImage Image(int seed = 0)
    {
        var image = new RgbImage(150, 100);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i / 3 % 150 / 40 * 60 + i / 450 / 30 * 20 + seed);
        return image;
    }

    [SkippableTheory]
    [InlineData("sam")]
    [InlineData("semantic-sam")]
    [InlineData("nano")]
    [InlineData("tiny-nano")]
    public async Task SaveFeatures_Opened_AnswerAsBefore(string family)
    {
        using var folder = new TempFolder();
        string path = folder.File("features.safetensors");
        using var model = Model(family);
        using var session = model.Open(Image());
        session.SaveFeatures(path);
        Assert.Equal([path], Directory.GetFiles(folder.Path)); // nothing temporary is left

        long before = 0;
        foreach (var image in new[] { null, Image(), Image() })
        {
            if (image is not null && before == 0) before = -1; // the first with crops fills caches of shapes and names
            else if (before == -1) before = LiveTensors.Settled();
            using var opened = model.OpenFeatures(path, image);
            Assert.Equal((150, 100), (opened.Width, opened.Height));
            Assert.Equal(TimeSpan.Zero, opened.EncodeTime);
            foreach (var prompt in new[] { Prompt.At(60, 40), Prompt.Around(20, 20, 100, 90) })
                Assert.Equal(session.Segment(prompt), opened.Segment(prompt));
            if (model.AnswersNames) Assert.Equal(session.Segment(Prompt.Named("car", "wheel")), opened.Segment(Prompt.Named("car", "wheel")));
            var options = new EverythingOptions { PointsPerSide = 3, PredictedIouThreshold = 0, StabilityThreshold = 0.01 };
            Assert.Equal(await session.CollectEverything(options), await opened.CollectEverything(options));
            if (image is null)
                Assert.Contains("without it", Assert.Throws<PromptException>(() => { opened.SegmentEverything(new() { CropLayers = 1 }); }).Message);
            else
                await opened.CollectEverything(options with { CropLayers = 1 });
            opened.SaveFeatures(folder.File("again.safetensors")); // also without the image: the hash goes along
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(folder.File("again.safetensors")));
        }
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    /// <summary>
    /// Of an image that was reduced while it was decoded, features answer as the session does, in pixels of the full size, and belong to that full size.
    /// </summary>
    [SkippableTheory]
    [InlineData("sam")]
    [InlineData("semantic-sam")]
    [InlineData("tiny-nano")]
    public async Task SaveFeatures_OfAReducedImage_AnswerAsBefore(string family)
    {
        using var folder = new TempFolder();
        string path = folder.File("features.safetensors");
        using var model = Model(family);
        RgbImage Reduced(int times) => new(150, 100, Image().Pixels, times * 150, times * 100);
        using var session = model.Open(Reduced(4));
        session.SaveFeatures(path);
        foreach (var image in new[] { null, Reduced(4) })
        {
            using var opened = model.OpenFeatures(path, image);
            Assert.Equal((600, 400), (opened.Width, opened.Height));
            foreach (var prompt in new[] { Prompt.At(240, 160), Prompt.Around(80, 80, 400, 360) })
            {
                var masks = session.Segment(prompt);
                Assert.All(masks, m => Assert.Equal((400, 600), (m.Mask.Height, m.Mask.Width)));
                Assert.Equal(masks, opened.Segment(prompt));
            }
            var options = new EverythingOptions
            {
                PointsPerSide = 2, PredictedIouThreshold = 0, StabilityThreshold = 0.01, CropLayers = image is null ? 0 : 1,
            };
            Assert.Equal(await session.CollectEverything(options), await opened.CollectEverything(options));
        }
        foreach (var other in new[] { Image(), Reduced(2) })
            Assert.Equal("features_other_image", Assert.Throws<CheckpointException>(() => model.OpenFeatures(path, other)).Code);
    }

    /// <summary>A reduced image is seen as the whole one: masks differ by little more than the means of pixels do.</summary>
    [Fact]
    public void Segment_ReducedWhileDecoded_FindsWhatTheWholeShows()
    {
        var drawn = new RgbImage(1800, 1350);
        for (int y = 0; y < 1350; y++)
            for (int x = 0; x < 1800; x++)
            {
                bool disk = (x - 600) * (x - 600) + (y - 675) * (y - 675) < 375 * 375, bar = x is > 1200 and < 1500 && y is > 225 and < 1125;
                ReadOnlySpan<byte> color = disk ? [210, 60, 40] : bar ? [40, 70, 200] : [170, 200, 160];
                color.CopyTo(drawn.Row(y)[(3 * x)..]);
            }
        byte[] png = ImageEncoder.Png(drawn);
        var reduced = ImageDecoder.Decode(png, new() { ReduceAbove = 2_000_000 });
        Assert.Equal((600, 450, 1800, 1350), (reduced.Width, reduced.Height, reduced.FullWidth, reduced.FullHeight));
        using var model = SegmentationModel.Default();
        using var whole = model.Open(drawn);
        using var session = model.Open(reduced);
        foreach (var prompt in new[] { Prompt.At(600, 675), Prompt.At(1350, 675), Prompt.Around(210, 285, 990, 1065) })
        {
            var (expected, actual) = (whole.Segment(prompt), session.Segment(prompt));
            Assert.Equal(expected.Count, actual.Count);
            for (int i = 0; i < expected.Count; i++)
                if (expected[i].Area > 10_000) Assert.InRange(expected[i].Mask.IoU(actual[i].Mask), 0.95, 1);
        }
    }

    [Fact]
    public void OpenFeatures_OtherImage_IsRefusedWithBothHashes()
    {
        using var folder = new TempFolder();
        string path = folder.File("features.safetensors");
        using var model = Model("sam");
        using (var session = model.Open(Image())) session.SaveFeatures(path);
        var e = Assert.Throws<CheckpointException>(() => model.OpenFeatures(path, Image(1)));
        Assert.Equal(("features_other_image", path), (e.Code, e.File));
        Assert.Contains($"another image: expected {FeaturesFile.HashOf(Image(1))}, found {FeaturesFile.HashOf(Image())}.", e.Message);
        // The same pixels in another shape are another image.
        var turned = Assert.Throws<CheckpointException>(() => model.OpenFeatures(path, new RgbImage(100, 150, Image().Pixels)));
        Assert.Equal(e.Code, turned.Code);
    }

    [Fact]
    public void OpenFeatures_OtherModel_IsRefusedWithBothHashes()
    {
        using var folder = new TempFolder();
        string path = folder.File("features.safetensors");
        using (var model = Model("sam"))
        using (var session = model.Open(Image())) session.SaveFeatures(path);
        using var other = Model("sam", "4567");
        var e = Assert.Throws<CheckpointException>(() => other.OpenFeatures(path));
        Assert.Equal("features_other_model", e.Code);
        Assert.Contains("another model: expected small 4567, found small 0123.", e.Message);
    }

    [Fact]
    public void OpenFeatures_DamagedOrForeign_IsRefused()
    {
        using var folder = new TempFolder();
        string path = folder.File("features.safetensors"), bad = folder.File("bad.safetensors");
        using var model = Model("sam");
        using (var session = model.Open(Image())) session.SaveFeatures(path);
        Assert.Throws<FileNotFoundException>(() => model.OpenFeatures(folder.File("none")));
        File.WriteAllBytes(bad, File.ReadAllBytes(path)[..^100]);
        Assert.Throws<CheckpointException>(() => model.OpenFeatures(bad));

        using var file = SafetensorsFile.Open(path);
        void Refused(string what, Action<Dictionary<string, string>> change, Func<CheckpointTensor, CheckpointTensor?>? tensors = null)
        {
            var metadata = new Dictionary<string, string>(file.Metadata);
            change(metadata);
            SafetensorsWriter.Write(bad, file.Tensors.Select(t => tensors is null ? t : tensors(t)).OfType<CheckpointTensor>(), new() { Metadata = metadata });
            Assert.Contains(what, Assert.Throws<CheckpointException>(() => model.OpenFeatures(bad)).Message);
        }
        Refused("not saved features", m => m.Clear());
        Refused("'format' is 'x'", m => m["format"] = "x");
        Refused("version '1'", m => m["version"] = "1");
        Refused("'image' is '0x5'", m => m["image"] = "0x5");
        Refused("'input' is '3x4'", m => m["size.input"] = "3x4");
        Refused("the entry 'input' is missing", m => m.Remove("size.input"));
        Refused("'embedding' is missing", _ => { }, _ => null);
        Refused("'embedding' is Float32 [1, 64, 64]", _ => { }, t => CheckpointTensor.FromMemory(t.Name, t.DType, [1, 64, 64], t.ToBytes()));
    }
}
