using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Tests.Support;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Scenarios;

/// <summary>A network of a published size with formula weights and its encoded image; every stage up to there agrees with the reference.</summary>
internal sealed class FullNetwork : IDisposable
{
    private readonly ITestOutputHelper _output;

    /// <summary>Encodes the fixture's image.</summary>
    /// <param name="folder">The fixtures' folder, such as "openseed".</param>
    /// <param name="name">The fixture in it, such as "swint_full".</param>
    /// <param name="config">The published size.</param>
    /// <param name="output">Where the errors are noted.</param>
    public FullNetwork(string folder, string name, ModelConfig config, ITestOutputHelper output)
    {
        _output = output;
        Golden = GoldenTensors.Load($"{folder}/{name}");
        var image = ModelInput.Pixels(folder, Golden.Sidecar);
        Model = ModuleFill.Fill(new SemanticSamModel(config));
        Model.eval();
        var maps = Model.Backbone.call(Model.Normalize(image.unsqueeze(0)));
        for (int i = 0; i < maps.Length; i++) Check($"res{i + 2}", maps[i]);
        var features = Model.PixelDecoder.call(maps);
        Check("mask_features", features.MaskFeatures);
        for (int i = 0; i < features.MultiScale.Count; i++) Check($"multi_scale{i}", features.MultiScale[i]);
        Encoded = new SemanticSamFeatures(Model.Decoder.Remember(features.MaskFeatures, features.MultiScale),
            new((int)maps[0].shape[2] * 4, (int)maps[0].shape[3] * 4), new((int)image.shape[1], (int)image.shape[2]));
    }

    public GoldenTensors Golden { get; }

    public SemanticSamModel Model { get; }

    public SemanticSamFeatures Encoded { get; }

    /// <summary>Compares a tensor with the reference of its name, as a stage.</summary>
    public void Check(string name, Tensor actual) => Report(name, Golden.Check(name, actual));

    /// <summary>Compares a tensor with the reference of its name, at the end of the network.</summary>
    public void CheckEnd(string name, Tensor actual) => Report(name, Golden.Check(name, actual, 1e-3));

    private void Report(string what, double error) => _output.WriteLine($"{what}: {error:g3}");

    public void Dispose()
    {
        Encoded.Dispose();
        Model.Dispose();
    }
}
