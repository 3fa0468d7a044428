using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Granularity.Nano;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>The sizes of a network, in the metadata of its weights.</summary>
public sealed class NetworkSizesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NetworkOf_WeightsWithSizes_GivesThem()
    {
        using var file = Weights("""{"backbone_width": 16, "context_layers": 3, "place_looks": 1, "query_width": 64}""");
        var network = NanoPackageConfig.NetworkOf(file);
        Assert.Equal((16, 3, 1, 64), (network.BackboneWidth, network.ContextLayers, network.PlaceLooks, network.QueryWidth));
    }

    [Fact]
    public void NetworkOf_WeightsOfBefore_GivesTheSizesOfThen()
    {
        using var file = Weights(null);
        var network = NanoPackageConfig.NetworkOf(file);
        Assert.Equal((64, 0, 0, 0, 0), (network.BackboneWidth, network.ContextLayers, network.LevelBlocks, network.MaskBlocks, network.PlaceLooks));
        Assert.NotEqual(NanoConfig.Trained, network);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"context_layers": "two"}""")]
    [InlineData("""{"contextlayers": 2}""")]
    public void NetworkOf_SomethingElse_IsNamed(string json)
    {
        using var file = Weights(json);
        var e = Assert.Throws<CheckpointException>(() => NanoPackageConfig.NetworkOf(file));
        Assert.Contains("'network'", e.Message);
    }

    private SafetensorsFile Weights(string? sizes)
    {
        using var scope = NewDisposeScope();
        string path = _folder.File("weights.safetensors");
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        if (sizes is not null) metadata[NanoPackageConfig.NetworkKey] = sizes;
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["a"] = zeros(2) }, new SafetensorsWriterOptions { Metadata = metadata });
        return SafetensorsFile.Open(path);
    }
}
