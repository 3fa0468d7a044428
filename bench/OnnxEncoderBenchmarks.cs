using BenchmarkDotNet.Attributes;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SemanticSam.Granularity.Sam;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace SemanticSam.Bench;

/// <summary>
/// SAM's image encoders beside ONNX Runtime in one process, with the same weights and as many threads; the exported networks are made by bench/peers/export.py.
/// Before anything is measured both must give the same embedding. CPU only: the package for GPUs is another one. Where other work keeps the machine busy,
/// <see cref="PeerRounds"/> compares them call by call.
/// </summary>
public class OnnxEncoderBenchmarks
{
    private const double Tolerance = 1e-3;

    private readonly float[] _input = new float[3 * 1024 * 1024];
    private SamModel _model = null!;
    private InferenceSession _session = null!;
    private NamedOnnxValue[] _named = null!;
    private Tensor _pixels = null!;

    public static IEnumerable<string> Models => Peers.Exported;

    [ParamsSource(nameof(Models))]
    public string Model { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        string network = Peers.NetworkOf(Model);
        _model = Peers.Load(Model);
        using var options = new SessionOptions { IntraOpNumThreads = get_num_threads() };
        _session = new InferenceSession(network, options);
        var random = new Random(3);
        for (int i = 0; i < _input.Length; i++) _input[i] = random.NextSingle() * 4 - 2;
        _named = [NamedOnnxValue.CreateFromTensor("pixels", new DenseTensor<float>(_input, [1, 3, 1024, 1024]))];
        _pixels = tensor(_input, [1, 3, 1024, 1024]);
        Compare();
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _pixels.Dispose();
        _session.Dispose();
        _model.Dispose();
    }

    [Benchmark]
    public void Engine()
    {
        using var still = inference_mode();
        using var scope = NewDisposeScope();
        _model.ImageEncoder.call(_pixels);
    }

    [Benchmark(Baseline = true)]
    public void OnnxRuntime()
    {
        using var results = _session.Run(_named);
    }

    private void Compare()
    {
        using var still = inference_mode();
        using var scope = NewDisposeScope();
        float[] ours = _model.ImageEncoder.call(_pixels).contiguous().data<float>().ToArray();
        using var results = _session.Run(_named);
        float[] theirs = [.. results[0].AsEnumerable<float>()];
        double error = Math.Sqrt(ours.Zip(theirs, (a, b) => Math.Pow(a - b, 2)).Sum() / theirs.Sum(b => Math.Pow(b, 2)));
        if (!(error < Tolerance)) throw new InvalidOperationException(
            $"{Model}: the embeddings differ by {error:g3} of their length; is {Model}.onnx exported from these weights?");
        Console.WriteLine($"// {Model}: embeddings of both sides differ by {error:g3} of their length");
    }
}
