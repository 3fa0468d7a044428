using BenchmarkDotNet.Attributes;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Tokenizer;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>Sixteen names through the language encoder of Semantic-SAM (context 18, random weights); tokenizing apart.</summary>
public class TextBenchmarks : DeviceBenchmark
{
    private static readonly string[] Names = ["car", "person", "wheel", "head", "tree", "house", "window", "door", "dog", "tail", "leg", "bottle", "cap",
        "table", "chair", "lamp"];

    private LanguageEncoder _encoder = null!;
    private int[][] _rows = null!;

    protected override (double, string) Yield => (Names.Length, "names");

    protected override void Prepare()
    {
        _encoder = new LanguageEncoder(TextEncoderConfig.SemanticSam);
        _encoder.to(On);
        _encoder.eval();
        _rows = Tokenize();
    }

    protected override void Release() => _encoder.Dispose();

    [Benchmark] public int[][] Tokenize() => Array.ConvertAll(Names, n => ClipTokenizer.Instance.Encode(n, TextContext.SemanticSam));

    [Benchmark]
    public void EncodeNames()
    {
        using var still = no_grad();
        _encoder.EncodeNormalized(_rows).Dispose();
        Wait();
    }
}
