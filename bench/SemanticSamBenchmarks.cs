using BenchmarkDotNet.Attributes;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>Semantic-SAM with Swin-T and the embedded model's network on an image of 640 x 480, with random weights.</summary>
public abstract class SemanticSamBenchmark : DeviceBenchmark
{
    private protected SemanticSamModel Network { get; private set; } = null!;

    private protected Tensor Image { get; private set; } = null!;

    [Params("semsam-nano", "semantic-sam-swint")]
    public string Model { get; set; } = "";

    protected override (double, string) Yield => (1, "images");

    protected override void Prepare()
    {
        Network = new SemanticSamModel(Model == "semsam-nano" ? ModelConfig.Nano : ModelConfig.SemanticSamSwinT);
        Network.to(On);
        Network.Freeze();
        Image = rand(3, 480, 640, device: On) * 255;
    }

    protected override void Release()
    {
        Image.Dispose();
        Network.Dispose();
    }
}

/// <summary>Backbone and pixel decoder, and each alone.</summary>
public class SemanticSamEncoderBenchmarks : SemanticSamBenchmark
{
    private Tensor _batch = null!;
    private Tensor[] _features = null!;

    protected override void Prepare()
    {
        base.Prepare();
        using var still = no_grad();
        _batch = Network.Normalize(Image.unsqueeze(0));
        _features = Network.Backbone.call(_batch);
    }

    protected override void Release()
    {
        foreach (var map in _features) map.Dispose();
        _batch.Dispose();
        base.Release();
    }

    [Benchmark]
    public void Encode()
    {
        using var still = no_grad();
        Network.Encode(Image).Dispose();
        Wait();
    }

    [Benchmark]
    public void Backbone()
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        Network.Backbone.call(_batch);
        Wait();
    }

    [Benchmark]
    public void PixelDecoder()
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        Network.PixelDecoder.call(_features);
        Wait();
    }
}

/// <summary>Clicks on an encoded image: six low-resolution masks each.</summary>
public class SemanticSamDecoderBenchmarks : SemanticSamBenchmark
{
    private SemanticSamFeatures _encoded = null!;
    private Tensor _clicks = null!, _kinds = null!;

    [Params(1, 16)]
    public int Prompts { get; set; }

    protected override (double, string) Yield => (Prompts, "prompts");

    protected override void Prepare()
    {
        base.Prepare();
        using var still = no_grad();
        _encoded = Network.Encode(Image);
        var click = tensor(new[] { 0.5f, 0.5f, InteractiveInference.ClickSize, InteractiveInference.ClickSize }, device: On).view(1, 4);
        _clicks = click.expand(Prompts, 4) * linspace(0.2, 1.5, Prompts, device: On).unsqueeze(1);
        _kinds = zeros(Prompts, dtype: ScalarType.Int64, device: On);
    }

    protected override void Release()
    {
        _clicks.Dispose();
        _kinds.Dispose();
        _encoded.Dispose();
        base.Release();
    }

    [Benchmark]
    public void Decode()
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var prompts = new PromptQueries(InteractiveInference.ToPadded(_clicks, _encoded).unsqueeze(0), _kinds.unsqueeze(0));
        Network.Decoder.forward(_encoded.Memory, new DecoderRequest { Prompts = prompts, Masks = MaskOutput.Last });
        Wait();
    }
}
