using System.Text.Json.Nodes;
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
        Assert.Equal((ModelFamily.Nano, "12"),
            (ModelRecognizer.Recognize(StateDict.From(checkpoint))!.Family, ModelRecognizer.Recognize(StateDict.From(checkpoint))!.Details["sentence width"]));
        using var model = SegmentationModel.Load(Model);
        Assert.Equal(("tiny", true), (model.Name, model.AnswersNames));
        Assert.Contains("load the folder",
            Assert.Throws<CheckpointException>(() => SegmentationModel.LoadCheckpoint(Path.Combine(Model, ModelPackage.WeightsFile))).Message);
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

    [Theory]
    [InlineData("image_size", "2000000000", "image_size is 2000000000")]
    [InlineData("network.pyramid_width", "2147483647", "network.pyramid_width is 2147483647")]
    [InlineData("network.pyramid_width", "0", "network.pyramid_width is 0")]
    [InlineData("network.pyramid_width", "16384", "parameters")]
    [InlineData("network.norm_groups", "3", "network.norm_groups is 3")]
    [InlineData("network.query_width", "16384", "parameters")]
    [InlineData("network.name_hidden", "16384", "parameters")]
    [InlineData("network.dynamic_width", "100000", "network.dynamic_width is 100000")]
    [InlineData("network.level_sizes", "[0.1, 0.2, 0.3, 0.4, 0.5, -1]", "network.level_sizes[5] is -1")]
    [InlineData("network.level_sizes", "null", "config.json")]
    [InlineData("network", "null", "config.json")]
    [InlineData("text.layers", "1000000", "text.layers is 1000000")]
    [InlineData("text.heads", "5", "text.heads is 5")]
    [InlineData("text.positions", "8", "text.positions is 8")]
    [InlineData("text.layer_norm_epsilon", "1e999", "config.json")]
    [InlineData("name", "\"\"", "name has 0 characters")]
    public void Load_SizesOutOfRange_AreRefusedBeforeAnythingIsBuilt(string entry, string value, string said)
    {
        TinyNano.Lay(Model);
        Change(entry, value);
        long before = GC.GetTotalAllocatedBytes(), resident = Environment.WorkingSet;
        Assert.Contains(said, Assert.Throws<CheckpointException>(() => SegmentationModel.Load(Model)).Message);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 200L << 20);
        Assert.InRange(Environment.WorkingSet - resident, long.MinValue, 500L << 20); // of libtorch nothing is counted above
    }

    [Theory]
    [InlineData("text.vocabulary_size", "2000000")]
    [InlineData("text.feed_forward", "65536")]
    [InlineData("text.layers", "200")]
    public void Check_TextEncoderLargerThanItsFile_IsRefusedBeforeItIsBuilt(string entry, string value)
    {
        TinyNano.Lay(Model);
        Change(entry, value);
        Assert.Contains("parameters", Assert.Throws<CheckpointException>(() => ModelPackage.FromFolder(Model).Check()).Message);
    }

    private void Change(string entry, string value)
    {
        string config = Path.Combine(Model, ModelPackage.ConfigFile);
        var json = JsonNode.Parse(File.ReadAllBytes(config))!;
        string[] keys = entry.Split('.');
        keys[..^1].Aggregate(json, (node, key) => node[key]!)[keys[^1]] = value.Contains("1e999") ? JsonValue.Create("1e999") : JsonNode.Parse(value);
        File.WriteAllText(config, json.ToJsonString());
    }

    [SkippableFact]
    public void Load_PipesInThePlaceOfFiles_AreRefusedByName()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes by a command of Linux");
        foreach (string file in new[] { ModelPackage.ConfigFile, NanoPackage.VocabularyFile, ModelPackage.WeightsFile })
        {
            TinyNano.Lay(Model);
            File.Delete(Path.Combine(Model, file));
            using (var made = System.Diagnostics.Process.Start("mkfifo", Path.Combine(Model, file))!) made.WaitForExit();
            Assert.Contains(file, Assert.Throws<CheckpointException>(() => SegmentationModel.Load(Model)).Message);
            Directory.Delete(Model, recursive: true);
        }
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
            using var model = SegmentationModel.Load(Model, new ModelOptions { VocabularyFile = own, ReplaceVocabulary = true });
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

    [Fact]
    public void Calibration_Stuff_IsAsInstancesUnlessItHasItsOwn()
    {
        var calibration = new ScoreCalibration { Instance = [new(0, 0.1), new(1, 0.3)] };
        Assert.Equal(0.2, calibration.Of(ScoreKind.Stuff, 0.5f), 1e-6);
        calibration = calibration with { Stuff = [new(0, 0.4), new(1, 0.8)] };
        Assert.Equal(0.6, calibration.Of(ScoreKind.Stuff, 0.5f), 1e-6);
        Assert.Equal(0.2, calibration.Of(ScoreKind.Instance, 0.5f), 1e-6);
    }
}
