using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Zoo;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>Folders of the embedded model's family: written whole, loaded strictly.</summary>
public sealed class NanoPackageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Model => _folder.File("model");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Folder_LoadsAndIsRecognized()
    {
        TinyNano.Pack(Model);
        ModelPackage.FromFolder(Model).Check();
        Assert.Equal([Model], Directory.GetFileSystemEntries(_folder.Path)); // nothing temporary is left
        using var checkpoint = Checkpoint.Open(Path.Combine(Model, ModelPackage.WeightsFile));
        Assert.Equal((ModelFamily.Nano, "12"), (ModelRecognizer.Recognize(StateDict.From(checkpoint))!.Family, ModelRecognizer.Recognize(StateDict.From(checkpoint))!.Details["sentence width"]));
        using var model = SegmentationModel.Load(Model);
        Assert.Equal(("tiny", true), (model.Name, model.AnswersNames));
        Assert.Contains("load the folder", Assert.Throws<CheckpointException>(() => SegmentationModel.LoadCheckpoint(Path.Combine(Model, ModelPackage.WeightsFile))).Message);
    }

    [Fact]
    public void Write_WhatWouldNotLoad_LeavesTheOldFolder()
    {
        TinyNano.Lay(Model);
        byte[] before = File.ReadAllBytes(Path.Combine(Model, ModelPackage.WeightsFile));
        Assert.Throws<CheckpointException>(() => TinyNano.Pack(Model, change: w => w.Remove("pixel.output.weight")));
        Assert.Throws<CheckpointException>(() => TinyNano.Pack(Model, vocabulary: "{"));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(Model, ModelPackage.WeightsFile)));
        Assert.Equal([Model], Directory.GetFileSystemEntries(_folder.Path));
        TinyNano.Pack(Model, TinyNano.Lenient with { PointsPerSide = 7 });
        Assert.Contains("\"points_per_side\": 7", File.ReadAllText(Path.Combine(Model, ModelPackage.InferenceFile)));
    }

    [Theory]
    [InlineData(ModelPackage.ConfigFile, "{\"family\": \"nano\", \"colour\": 1}")]
    [InlineData(ModelPackage.ConfigFile, "{\"family\": \"nano\", \"image_size\": 0}")]
    [InlineData(ModelPackage.InferenceFile, "{\"calibration\": {\"presence\": [{\"raw\": 0.5, \"calibrated\": 0.5}, {\"raw\": 0.6, \"calibrated\": 0.4}]}}")]
    [InlineData(NanoPackage.VocabularyFile, "[]")]
    [InlineData(NanoPackage.NamesFile, "no safetensors")]
    public void Load_DamagedFile_IsRefusedByName(string file, string content)
    {
        TinyNano.Lay(Model);
        File.WriteAllText(Path.Combine(Model, file), content);
        Assert.Contains(file, Assert.Throws<CheckpointException>(() => SegmentationModel.Load(Model)).Message);
    }

    [Fact]
    public void Check_TextEncoder_IsStrictAndThatOfTheNames()
    {
        TinyNano.Lay(Model);
        File.Delete(Path.Combine(Model, NanoPackage.TextFile));
        SegmentationModel.Load(Model).Dispose(); // not needed for the names of the vocabulary
        Assert.Contains(NanoPackage.TextFile, Assert.Throws<CheckpointException>(() => ModelPackage.FromFolder(Model).Check()).Message);
                File.Copy(Path.Combine(Model, ModelPackage.WeightsFile), Path.Combine(Model, NanoPackage.TextFile));
        Assert.Contains("belongs to nothing", Assert.Throws<CheckpointException>(() => ModelPackage.FromFolder(Model).Check()).Message);
    }

    [Fact]
    public void Segment_NamesOfTheVocabulary_DoNotOpenTheEncoder()
    {
        TinyNano.Lay(Model);
        File.Delete(Path.Combine(Model, NanoPackage.TextFile));
        using var model = SegmentationModel.Load(Model);
        using var session = model.Open(TinyNano.Image());
        Assert.NotEmpty(session.Segment(Prompt.Named("couch", "wheel of a car")));
        Assert.Throws<CheckpointException>(() => session.Segment(Prompt.Named("zyzzyva")));
    }

    [Fact]
    public void Embeddings_OfThePackage_AreThoseOfTheEncoder()
    {
        TinyNano.Lay(Model);
        string own = _folder.Write("own.json", System.Text.Encoding.UTF8.GetBytes(TinyNano.Vocabulary));
        double[] remembered = Presence();
        File.Delete(Path.Combine(Model, NanoPackage.NamesFile));
        TinyNano.Pack(_folder.File("empty"), vocabulary: "{}");
        File.Copy(Path.Combine(_folder.File("empty"), NanoPackage.NamesFile), Path.Combine(Model, NanoPackage.NamesFile)); // now all have to be encoded
        Assert.All(remembered.Zip(Presence()), p => Assert.Equal(p.First, p.Second, 2e-3));

        double[] Presence()
        {
            using var model = SegmentationModel.Load(Model, new ModelOptions { Vocabulary = new(own, VocabularyUse.Replace) });
            using var session = model.Open(TinyNano.Image());
            return [.. session.ExplainNames(["sofa", "car", "wheel of a car"]).Select(r => r.Presence!.Value)];
        }
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(0.2, 0.1)]
    [InlineData(0.3, 0.2)]
    [InlineData(0.4, 0.3)]
    [InlineData(0.9, 0.3)]
    public void Calibration_Knots_AreJoinedByLinesAndLevelBeyond(float raw, double expected)
    {
        var calibration = new ScoreCalibration { Label = [new(0.2, 0.1), new(0.4, 0.3)] };
        Assert.Equal(expected, calibration.Of(ScoreKind.Label, raw), 1e-6);
        Assert.Equal(raw, calibration.Of(ScoreKind.Presence, raw));
    }
}
