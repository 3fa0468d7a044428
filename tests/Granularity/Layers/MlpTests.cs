using SemanticSam.Granularity.Layers;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Granularity.Layers;

public sealed class MlpTests
{
    [Fact]
    public void Forward_TwoLayers_IsLinearReluLinear()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var mlp = ModuleFill.Fill(new Mlp(3, 5, 2, 2), "mlp.");
        float[] x = [0.5f, -1, 2], w0 = DetWeights.Values("mlp.layers.0.weight", 5, 3), b0 = DetWeights.Values("mlp.layers.0.bias", 5);
        float[] w1 = DetWeights.Values("mlp.layers.1.weight", 2, 5), b1 = DetWeights.Values("mlp.layers.1.bias", 2);
        float[] hidden = [.. Enumerable.Range(0, 5).Select(o => Math.Max(0, b0[o] + Enumerable.Range(0, 3).Sum(i => w0[o * 3 + i] * x[i])))];
        float[] expected = [.. Enumerable.Range(0, 2).Select(o => b1[o] + Enumerable.Range(0, 5).Sum(i => w1[o * 5 + i] * hidden[i]))];
        Close.Assert_(mlp.call(tensor(x)).data<float>().ToArray(), expected, 1e-6, "mlp");
    }

    [Fact]
    public void New_NoLayers_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new Mlp(3, 5, 2, 0));
}
