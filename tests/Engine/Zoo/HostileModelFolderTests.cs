using System.Text.Json.Nodes;
using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>Model folders from elsewhere: what is wrong with one is said before anything of its size is built, and always as a fault of the model.</summary>
public sealed class HostileModelFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A copy of a small model whose config.json or inference.json has one entry changed.</summary>
    private string Folder(string? file = null, string? path = null, string? value = null)
    {
        var package = ModelPackage.FromFolder(Fixtures.SmallSemanticSam);
        string folder = _folder.File("model");
        Directory.CreateDirectory(folder);
        foreach (string name in new[] { "config.json", "inference.json", "model.safetensors", "vocab.json", "merges.txt" })
            File.WriteAllBytes(Path.Combine(folder, name), package.ReadBytes(name));
        if (file is null) return folder;
        var json = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, file)))!;
        string[] keys = path!.Split('.');
        var at = keys[..^1].Aggregate(json, (node, key) => node[key]!);
        at[keys[^1]] = JsonNode.Parse(value!);
        File.WriteAllText(Path.Combine(folder, file), json.ToJsonString());
        return folder;
    }

    private static string Refusal(string folder)
    {
        long before = GC.GetTotalAllocatedBytes();
        string message = Assert.ThrowsAny<CheckpointException>(() => SegmentationModel.Load(folder).Dispose()).Message;
        Assert.True(GC.GetTotalAllocatedBytes() - before < 200L << 20);
        return message;
    }

    [Theory]
    [InlineData("conv_net.blocks", "[1000000, 2, 4, 2]", "conv_net.blocks[0] is 1000000")]
    [InlineData("conv_net.blocks", "[200, 200, 200, 200]", "parameters")]
    [InlineData("conv_net.channels", "[32, 64, 128]", "4 are needed")]
    [InlineData("conv_net.channels", "null", "config.json")]
    [InlineData("pixel_decoder.heads", "0", "pixel_decoder.heads is 0")]
    [InlineData("pixel_decoder.width", "2147483648", "pixel_decoder.width is 2147483648")]
    [InlineData("decoder.width", "65536", "decoder.width is 65536")]
    [InlineData("decoder.width", "16384", "parameters")]
    [InlineData("decoder.layers", "1000000", "decoder.layers is 1000000")]
    [InlineData("decoder.layers", "200", "parameters")]
    [InlineData("decoder.heads", "0", "decoder.heads is 0")]
    [InlineData("decoder.heads", "7", "heads")]
    [InlineData("decoder.stuff_queries", "-1", "decoder.stuff_queries is -1")]
    [InlineData("decoder.prompt_samples", "64", "parameters")]
    [InlineData("text.layers", "1000000", "text.layers is 1000000")]
    [InlineData("text.vocabulary", "2000000", "parameters")]
    [InlineData("text.width", "1e400", "config.json")]
    [InlineData("sizing.pixels", "2000000000", "sizing.pixels is 2000000000")]
    [InlineData("sizing.pixels", "0", "sizing.pixels is 0")]
    [InlineData("pixel_std", "[0, 0, 0]", "pixel_std[0] is 0")]
    [InlineData("pixel_std", "[1]", "pixel_std has 1 values")]
    [InlineData("pixel_mean", "[1e38, 0, 0]", "pixel_mean[0]")]
    [InlineData("name", "null", "config.json")]
    public void Config_ThatAsksForTooMuchOrNothing_IsRefusedByItsEntry(string path, string value, string expected) =>
        Assert.Contains(expected, Refusal(Folder("config.json", path, value)));

    [Theory]
    [InlineData("wholes", "null", "inference.json")]
    [InlineData("wholes", "[\"a\", null]", "wholes[1]")]
    [InlineData("wholes", "[\"\"]", "wholes[0]")]
    [InlineData("selected_queries", "-5", "selected_queries is -5")]
    [InlineData("selected_queries", "1000000000", "selected_queries")]
    [InlineData("points_per_side", "100000", "points_per_side is 100000")]
    [InlineData("presence_threshold", "7", "presence_threshold is 7")]
    [InlineData("stability_threshold", "2", "at most 1")]
    [InlineData("levels", "17", "levels")]
    public void Settings_OutOfRange_AreRefusedByTheirEntry(string path, string value, string expected) =>
        Assert.Contains(expected, Refusal(Folder("inference.json", path, value)));

    [Theory]
    [InlineData("vocab.json", """{"a":0,"b":0}""")]
    [InlineData("vocab.json", "[]")]
    [InlineData("vocab.json", "{\"a\":1e99}")]
    [InlineData("merges.txt", "one\ntwo three four\n")]
    [InlineData("config.json", "[]")]
    [InlineData("config.json", "")]
    [InlineData("config.json", """{"decoder":{"click_sizes":1,"click_sizes":2}}""")]
    [InlineData("inference.json", "null")]
    [InlineData("model.safetensors", "")]
    public void File_ThatIsNotWhatItIsCalled_IsAFaultOfTheModel(string name, string content)
    {
        string folder = Folder();
        File.WriteAllText(Path.Combine(folder, name), content);
        Assert.Contains(_folder.Path, Refusal(folder));
        File.Delete(Path.Combine(folder, name));
        // Without inference.json a folder is another program's, and its weights are taken for what they are.
        Assert.Contains(name == "inference.json" ? "model.safetensors" : "missing", Refusal(folder));
        Directory.CreateDirectory(Path.Combine(folder, name));
        Refusal(folder);
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("zero")]
    public void Weights_ThatAreNoNumbersOrNothing_AreRefused(string how)
    {
        string folder = Folder(), weights = Path.Combine(folder, "model.safetensors");
        using (var file = SafetensorsFile.Open(new ReadOnlyMemory<byte>(File.ReadAllBytes(weights)), "x"))
        {
            var changed = file.Tensors.Select(t =>
            {
                byte[] bytes = t.ToBytes();
                if (how == "zero") bytes.AsSpan().Clear();
                else if (t.Name.EndsWith("mask_embed.layers.0.weight", StringComparison.Ordinal)) bytes.AsSpan(0, 4).Fill(0xFF);
                return CheckpointTensor.FromMemory(t.Name, t.DType, t.Shape, bytes);
            }).ToList();
            SafetensorsWriter.Write(weights, changed);
        }
        Assert.Contains(how == "zero" ? "are zero" : "mask_embed.layers.0.weight", Refusal(folder));
    }

    /// <summary>Configuration and thresholds change answers as weights do: results and features of one are not the other's.</summary>
    [Theory]
    [InlineData("config.json", "sizing.pixels", "224")]
    [InlineData("inference.json", "stability_threshold", "0.0")]
    [InlineData("inference.json", "wholes", "[\"car\"]")]
    public void Identity_OfAFolder_CoversAllItsFiles(string file, string path, string value)
    {
        string first, same, other;
        using (var model = SegmentationModel.Load(Fixtures.SmallSemanticSam)) first = model.Sha256;
        using (var model = SegmentationModel.Load(Folder())) same = model.Sha256;
        using (var model = SegmentationModel.Load(Folder(file, path, value))) other = model.Sha256;
        Assert.Equal(first, same);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Features_OfAnotherConfiguration_AreRefused()
    {
        string features = _folder.File("f.features");
        var image = new SemanticSam.Imaging.RgbImage(80, 60);
        for (int i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i * 7);
        using (var model = SegmentationModel.Load(Folder("config.json", "sizing.pixels", "224")))
        using (var session = model.Open(image)) session.SaveFeatures(features);
        using var own = SegmentationModel.Load(Fixtures.SmallSemanticSam);
        Assert.Equal("features_other_model", Assert.Throws<CheckpointException>(() => own.OpenFeatures(features, image)).Code);
    }

    /// <summary>The bound that is compared with the file is below what networks really have, and not far.</summary>
    [SkippableFact]
    public void ParametersAtLeast_OfRealNetworks_AreNearTheTruth()
    {
        foreach (var config in new[] { ModelConfig.Nano, ModelPackage.FromFolder(Fixtures.SmallSemanticSam).Config, ReferenceConfig.SemanticSamTiny(),
        ModelConfig.SemanticSamSwinT, ModelConfig.OpenSeeDSwinT })
        {
            using var network = new SemanticSamModel(config);
            double truth = network.parameters().Sum(p => (double)p.numel()), bound = ModelLimits.ParametersAtLeast(config);
            Assert.True(bound <= truth && bound > 0.6 * truth, $"{config.Name}: {bound:0} of {truth:0}");
            ModelLimits.Require(config, "x");
        }
    }
}
