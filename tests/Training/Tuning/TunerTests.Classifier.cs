using System.Text.Json;
using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Objectives;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

/// <summary>SAM-cls.</summary>
public sealed partial class TunerTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Run_Classifier_LearnsToNameMasksAndItsFolderAnswersAsSamWithNames()
    {
        string folder = _scene.Out("out"), backbone = _scene.Out("resnet18.safetensors");
        WriteResNet18(backbone);
        var options = Options("Classifier") with { Backbone = backbone, Epochs = 6, AverageDecay = 0, Rate = 1e-3 };
        double first = 0, last = 0;
        using (var tuner = Create(folder, options))
        {
            tuner.Begin(resume: false);
            LayMasks(folder);
            for (int epoch = 0; epoch < 6; epoch++)
            {
                var report = new LossReport();
                for (int i = 0; i < 3; i++) Assert.True(tuner.Advance(1e-3, report));
                last = report.Means.ToDictionary()["loss"];
                if (epoch == 0) first = last;
            }
            tuner.Save();
        }
        Assert.True(last < 0.6 * first, $"The loss went from {first} to {last}.");
        using (ICheckpoint given = SemanticSam.Engine.Checkpoints.Checkpoint.Open(backbone),
            written = SemanticSam.Engine.Checkpoints.Checkpoint.Open(Path.Combine(folder, "model.safetensors")))
        {
            Assert.True(written.TryGet("backbone.layer1.0.conv1.weight", out var stage) && given.TryGet("layer1.0.conv1.weight", out var original)
                && stage.ToSingles().SequenceEqual(original.ToSingles()));
            Assert.True(written.TryGet("backbone.layer4.0.conv1.weight", out stage) && given.TryGet("layer4.0.conv1.weight", out original) && !stage.ToSingles()
                .SequenceEqual(original.ToSingles()));
        }
        using var segmenter = (SemanticSam.Engine.Sessions.RsPrompter.ClassifierSegmenter)PrompterFolder.Open(folder, CPU);
        Assert.StartsWith("sam-cls", segmenter.Name);
        var image = ImageDecoder.Decode(_scene.Image(0));
        Rle[] masks = [Square(8, 6, 24), Square(TuningScene.Width - 40, 40, 18), Square(0, 0, 3)];
        var named = segmenter.NameMasks(image, masks);
        Assert.Equal(6, named.Count); // two masks, three classes; what is narrower than 4 pixels is not looked at
        Assert.Equal(named.OrderByDescending(n => n.Score), named);
        foreach (var (mask, label) in new[] { (masks[0], 0), (masks[1], 1) }) Assert.Equal(label, named.First(n => n.Mask.Equals(mask)).Label);

        // The same pixels as the reduced copy of an image of four times its sides: the same names for masks of the full size, also out of saved features.
        var (width, height) = (4 * image.Width, 4 * image.Height);
        var reduced = new RgbImage(image.Width, image.Height, image.Pixels, width, height);
        var large = segmenter.NameMasks(reduced, masks.Select(m => m.Sampled(height, width)));
        Assert.Equal(named.Select(n => (n.Label, n.Score)), large.Select(n => (n.Label, n.Score)));
        Assert.All(large, n => Assert.Equal((height, width), (n.Mask.Height, n.Mask.Width)));
        using (var encoded = segmenter.Encode(reduced))
        {
            var saved = SemanticSam.Engine.Sessions.RsPrompter.ClassifierEncodedImage.Pixels(encoded.Save(), new(height, width));
            Assert.Equal((reduced.Width, reduced.Height, width, height), (saved.Width, saved.Height, saved.FullWidth, saved.FullHeight));
            Assert.Equal(reduced.Pixels, saved.Pixels);
        }

        using var model = SegmentationModel.Load(folder);
        Assert.Equal(["square", "tile", "nowhere"], model.KnownWholes);
        using ImageSession session = model.Open(_scene.Image(0)), plain = SegmentationModel.LoadCheckpoint(_scene.Sam).Open(_scene.Image(0));
        var everything = await session.CollectEverything(new() { PredictedIouThreshold = 0, PointsPerSide = 4 });
        Assert.All(everything, m => Assert.Contains(m.Whole!.Value.Label, model.KnownWholes));
        var click = new Prompt { Points = [new(20, 20)] };
        Assert.InRange(session.Segment(click)[0].Mask.IoU(plain.Segment(click)[0].Mask), 0.999, 1);
        session.SaveFeatures(_scene.Out("features.safetensors"));
        using var restored = model.OpenFeatures(_scene.Out("features.safetensors"));
        var again = await restored.CollectEverything(new() { PredictedIouThreshold = 0, PointsPerSide = 4 });
        Assert.Equal(everything.Select(m => m.PredictedIou), again.Select(m => m.PredictedIou));
    }

    [Fact]
    public void Create_ClassifierWithoutItsBackboneOrSam_SaysWhatIsNeeded()
    {
        Assert.Contains("ResNet-18", Assert.Throws<ArgumentException>(() => Create(_scene.Out("out"), Options("Classifier"))).Message);
        string wrong = _scene.Out("resnet50.safetensors"), right = _scene.Out("resnet18.safetensors");
        WriteBackbone(wrong); // with bottlenecks
        Assert.Contains("ResNet-18",
            Assert.Throws<CheckpointException>(() => Create(_scene.Out("out"), Options("Classifier") with { Backbone = wrong })).Message);
        WriteResNet18(right);
        Assert.Contains("SAM's", Assert.Throws<ArgumentException>(() =>
            Create(_scene.Out("out"), Options("Classifier") with { Backbone = right, ImageSize = 128 }, _scene.Nano())).Message);
    }

    [Fact]
    public void Of_MasksKeptOrDamaged_AreReadBackOrFoundAnew()
    {
        using var below = BaseSource.Of(_scene.Sam).Open(null, CPU);
        string folder = _scene.Out("kept"), hash = FileHash.Sha256(_scene.Image(0));
        var image = ImageDecoder.Decode(_scene.Image(0));
        string file = Path.Combine(folder, EverythingMasks.FileOf(below.Clicks!.Model.Sha256, hash));
        Directory.CreateDirectory(folder);
        Rle kept = Square(8, 6, 24);
        File.WriteAllText(file, JsonSerializer.Serialize(new[] { kept.ToCompressedString() }));
        Assert.Equal([kept], new EverythingMasks(folder, below.Clicks.Model, _said.Add).Of(hash, image));
        File.WriteAllText(file, "[\"");
        var found = new EverythingMasks(folder, below.Clicks.Model, _said.Add).Of(hash, image);
        Assert.Equal(found.Select(m => m.ToCompressedString()), JsonSerializer.Deserialize<string[]>(File.ReadAllText(file)));
        Assert.Empty(_said);
    }

    /// <summary>Masks as everything mode would find them: the instances, and pieces of the background.</summary>
    private void LayMasks(string folder)
    {
        string sam = BaseSourceHash(), masks = Path.Combine(folder, ClassifierTask.MasksFolder);
        Directory.CreateDirectory(masks);
        for (int i = 0; i < 3; i++)
        {
            Rle[] all = [Square(8 + 9 * i, 6 + 5 * i, 24), Square(TuningScene.Width - 40 - 5 * i, 40 - 3 * i, 18), Square(5, 60, 20), Square(60, 65, 15)];
            File.WriteAllText(Path.Combine(masks, EverythingMasks.FileOf(sam, FileHash.Sha256(_scene.Image(i)))),
                JsonSerializer.Serialize(all.Select(m => m.ToCompressedString())));
        }
    }

    private string BaseSourceHash()
    {
        using var below = BaseSource.Of(_scene.Sam).Open(null, CPU);
        return below.Clicks!.Model.Sha256;
    }

    private static Rle Square(int left, int top, int side) => Rle.FromBox(TuningScene.Height, TuningScene.Width, new BoxI(left, top, left + side, top + side));

    private static void WriteResNet18(string path)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using var network = new ResNet18();
        SafetensorsWriter.Write(path, network.state_dict().Where(e => e.Value.is_floating_point()).ToDictionary());
    }
}
