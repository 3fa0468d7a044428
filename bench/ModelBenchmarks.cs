using BenchmarkDotNet.Attributes;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Tokenizer;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>The parts of Semantic-SAM with Swin-T on an image of 640 x 480, with random weights.</summary>
public class ModelBenchmarks
{
    private SemanticSamModel _model = null!;
    private SemanticSamFeatures _encoded = null!;
    private Tensor _image = null!, _batch = null!, _click = null!, _clicks = null!, _kind = null!, _kinds = null!;
    private Tensor[] _features = null!;
    private IDisposable _noGrad = null!;

    [GlobalSetup]
    public void Setup()
    {
        manual_seed(0);
        _noGrad = no_grad();
        _model = new SemanticSamModel(ModelConfig.SemanticSamSwinT);
        _model.Freeze();
        _image = rand(3, 480, 640) * 255;
        _batch = _model.Normalize(_image.unsqueeze(0));
        _features = _model.Backbone.call(_batch);
        _encoded = _model.Encode(_image);
        _click = tensor(new[] { 0.5f, 0.5f, InteractiveInference.ClickSize, InteractiveInference.ClickSize }).view(1, 4);
        _clicks = _click.expand(16, 4) * linspace(0.2, 1.5, 16).unsqueeze(1);
        _kind = zeros(1, dtype: ScalarType.Int64);
        _kinds = zeros(16, dtype: ScalarType.Int64);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _encoded.Dispose();
        _model.Dispose();
        _noGrad.Dispose();
    }

    [Benchmark]
    public void Swin()
    {
        using var scope = NewDisposeScope();
        _model.Backbone.call(_batch);
    }

    [Benchmark]
    public void PixelDecoder()
    {
        using var scope = NewDisposeScope();
        _model.PixelDecoder.call(_features);
    }

    [Benchmark] public void DecoderOneClick() => Decoding.Run(_model, _encoded, _click, _kind);

    [Benchmark] public void DecoderSixteenClicks() => Decoding.Run(_model, _encoded, _clicks, _kinds);
}

/// <summary>The main job's parts on the small model: an image of 640 x 480 encoded once, then a click.</summary>
public class NanoBenchmarks
{
    private SemanticSamModel _model = null!;
    private SemanticSamFeatures _encoded = null!;
    private Tensor _image = null!, _click = null!, _kind = null!;
    private IDisposable _noGrad = null!;

    [GlobalSetup]
    public void Setup()
    {
        manual_seed(0);
        _noGrad = no_grad();
        _model = new SemanticSamModel(ModelConfig.Nano);
        _model.Freeze();
        _image = rand(3, 480, 640) * 255;
        _encoded = _model.Encode(_image);
        _click = tensor(new[] { 0.5f, 0.5f, InteractiveInference.ClickSize, InteractiveInference.ClickSize }).view(1, 4);
        _kind = zeros(1, dtype: ScalarType.Int64);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _encoded.Dispose();
        _model.Dispose();
        _noGrad.Dispose();
    }

    [Benchmark] public void Encode() => _model.Encode(_image).Dispose();

    [Benchmark] public void OneClick() => Decoding.Run(_model, _encoded, _click, _kind);
}

/// <summary>A call of the mask decoder with masks at low resolution.</summary>
internal static class Decoding
{
    /// <param name="model">The model that encoded the image.</param>
    /// <param name="image">The image.</param>
    /// <param name="boxes">[n, 4] relative to the image.</param>
    /// <param name="kinds">[n] int64.</param>
    public static void Run(SemanticSamModel model, SemanticSamFeatures image, Tensor boxes, Tensor kinds)
    {
        using var scope = NewDisposeScope();
        var prompts = new PromptQueries(InteractiveInference.ToPadded(boxes, image).unsqueeze(0), kinds.unsqueeze(0));
        model.Decoder.forward(image.Memory, new DecoderRequest { Prompts = prompts, Masks = MaskOutput.Last });
    }
}

/// <summary>The language encoder of Semantic-SAM (context 18) with random weights.</summary>
public class TextBenchmarks
{
    private static readonly string[] Names = ["car", "person", "wheel", "head", "tree", "house", "window", "door", "dog", "tail", "leg", "bottle", "cap", "table", "chair", "lamp"];

    private LanguageEncoder _encoder = null!;
    private int[][] _rows = null!;

    [GlobalSetup]
    public void Setup()
    {
        _encoder = new LanguageEncoder(TextEncoderConfig.SemanticSam);
        _encoder.eval();
        _rows = Tokenize();
    }

    [GlobalCleanup] public void Cleanup() => _encoder.Dispose();

    [Benchmark] public int[][] Tokenize() => Array.ConvertAll(Names, n => ClipTokenizer.Instance.Encode(n, TextContext.SemanticSam));

    [Benchmark]
    public void EncodeSixteenNames()
    {
        using var still = no_grad();
        _encoder.EncodeNormalized(_rows).Dispose();
    }
}
