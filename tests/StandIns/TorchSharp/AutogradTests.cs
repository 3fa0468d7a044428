using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

public sealed class AutogradTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Backward_OfSumOfSquares_GivesTwiceTheInput()
    {
        Tensor x = tensor(new float[] { 1, -2, 3 }, requires_grad: true);
        Tensor y = (x * x).sum();
        Assert.True(x.is_leaf);
        Assert.False(y.is_leaf);
        Assert.Null(x.grad);
        y.backward();
        Assert.Equal([2f, -4, 6], x.grad!.data<float>().ToArray());
        (x * x).sum().backward();
        Assert.Equal([4f, -8, 12], x.grad!.data<float>().ToArray()); // gathers
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void Backward_ThroughANetwork_AgreesWithFiniteDifferences()
    {
        manual_seed(1);
        Tensor image = randn([1, 2, 6, 6], ScalarType.Float64);
        Tensor kernel = randn([3, 2, 3, 3], ScalarType.Float64, requires_grad: true);
        Tensor gain = rand([3], ScalarType.Float64, requires_grad: true);

        Tensor Loss()
        {
            Tensor h = functional.conv2d(image, kernel, strides: [1, 1], padding: [1, 1]);
            h = functional.gelu(functional.group_norm(h, 3, gain));
            h = functional.interpolate(h, [3, 3], mode: InterpolationMode.Bilinear, align_corners: false);
            return h.flatten(2).softmax(-1).pow(2).sum() + h[.., 1].mean();
        }

        Loss().backward();
        foreach (Tensor leaf in new[] { kernel, gain })
        {
            Tensor flat = leaf.detach().flatten();
            double[] analytic = leaf.grad!.flatten().data<double>().ToArray();
            for (long i = 0; i < flat.NumberOfElements; i += 7)
            {
                const double h = 1e-6;
                double Shifted(double by)
                {
                    using (no_grad()) flat[i] = flat[i] + by;
                    double value = Loss().ToDouble();
                    using (no_grad()) flat[i] = flat[i] - by;
                    return value;
                }
                double numeric = (Shifted(h) - Shifted(-h)) / (2 * h);
                Assert.Equal(numeric, analytic[i], 1e-7 + 1e-5 * Math.Abs(numeric));
            }
        }
    }

    [Fact]
    public void Grad_OfAnInput_ComesBackWithoutBeingGathered()
    {
        Tensor x = tensor(3f, requires_grad: true);
        Tensor y = x.pow(3);
        IList<Tensor> first = autograd.grad([y], [x], create_graph: true);
        Assert.Equal(27f, first[0].ToSingle());
        Assert.Equal(18f, autograd.grad([first[0]], [x])[0].ToSingle());
        Assert.Null(x.grad);
    }

    [Fact]
    public void Grad_OfAnUnusedInput_IsNullWhenAllowed()
    {
        Tensor x = tensor(3f, requires_grad: true);
        Tensor z = tensor(1f, requires_grad: true);
        Assert.Null(autograd.grad([x * 2], [z], allow_unused: true)[0]);
        Assert.Throws<ExternalException>(() => autograd.grad([x * 2], [z]));
    }

    [Fact]
    public void NoGrad_WithinItsScope_RecordsNothing()
    {
        Tensor x = tensor(3f, requires_grad: true);
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (set_grad_enabled(true)) Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        Assert.True(is_grad_enabled());
        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void InferenceMode_WithinItsScope_MakesTensorsThatAutogradRefuses()
    {
        Tensor made;
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            made = ones(2);
        }
        Assert.False(is_inference_mode_enabled());
        Assert.Throws<ExternalException>(() => (made * tensor(1f, requires_grad: true)).sum().backward());
    }

    [Fact]
    public void Backward_OfATensorOfSeveralElements_NeedsAGradient()
    {
        Tensor x = ones(2, requires_grad: true);
        Assert.Contains("grad can be implicitly created only for scalar outputs", Assert.Throws<ExternalException>(() => (x * 2).backward()).Message);
        (x * 2).backward([tensor(new float[] { 1, 10 })]);
        Assert.Equal([2f, 20f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Detach_SharesMemoryAndStopsGradients()
    {
        Tensor x = ones(2, requires_grad: true);
        Tensor d = x.detach();
        Assert.False(d.requires_grad);
        d[0] = tensor(5f);
        Assert.Equal(5f, x[0].ToSingle());
    }
}
