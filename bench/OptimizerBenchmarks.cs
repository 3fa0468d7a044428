using BenchmarkDotNet.Attributes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>What a training step does besides the network, over 5 million parameters in 80 tensors.</summary>
public class OptimizerBenchmarks
{
    private Parameter[] _parameters = null!;
    private AdamW _adamW = null!;

    [GlobalSetup]
    public void Setup()
    {
        _parameters = [.. Enumerable.Range(0, 80).Select(_ => new Parameter(randn(256, 244)))];
        foreach (Parameter p in _parameters) p.grad = randn(256, 244);
        _adamW = optim.AdamW(_parameters, lr: 1e-4, weight_decay: 0.05);
    }

    [Benchmark] public void AdamW() => _adamW.step();

    [Benchmark] public double ClipGradNorm() => nn.utils.clip_grad_norm_(_parameters, 1e9);
}
