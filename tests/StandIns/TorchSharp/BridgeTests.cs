using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

public sealed class BridgeTests
{
    [Fact]
    public void Add_WithAlpha_GivesHandComputedValues()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new float[] { 1, 2, 3 });
        Tensor b = tensor(new float[] { 10, 20, 30 });
        Assert.Equal([21f, 42f, 63f], a.add(b, 2).data<float>().ToArray());
        Assert.Equal([11f, 22f, 33f], (a + b).data<float>().ToArray());
        Assert.Equal([0.5f, 1f, 1.5f], (a / 2).data<float>().ToArray());
        Assert.Equal([1f, 0.5f, 1f / 3], (1.0 / a).data<float>().ToArray());
        Assert.Equal([4f, 3f, 2f], (5 - a).data<float>().ToArray());
        Assert.Equal(ScalarType.Float32, (5.0 - a).dtype);
    }

    [Fact]
    public void Matmul_ShapesThatDoNotFit_ThrowsWithLibtorchsMessage()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", e.Message);
    }

    [Fact]
    public void Scope_Closed_DisposesAllButWhatMovedOut()
    {
        long before = Tensor.TotalCount;
        Tensor kept;
        using (NewDisposeScope())
        {
            Tensor a = ones(4);
            Tensor b = a + a;
            kept = (b * b).MoveToOuterDisposeScope();
        }
        Assert.Equal(before + 1, Tensor.TotalCount);
        Assert.Equal(16f, kept.sum().ToSingle());
        kept.Dispose();
    }

    [Fact]
    public void Backward_OfSquare_GivesTwiceTheInput()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1, -2, 3 }, requires_grad: true);
        (x * x).sum().backward();
        Assert.Equal([2f, -4f, 6f], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Index_SlicesNumbersAndMasks_GiveWhatPythonGives()
    {
        using var scope = NewDisposeScope();
        Tensor t = arange(24).reshape(2, 3, 4);
        Assert.Equal([4L, 5, 6, 7], t[0, 1].data<long>().ToArray());
        Assert.Equal([1L, 5, 9], t[0, .., 1].data<long>().ToArray());
        Assert.Equal([3L, 7, 11, 15, 19, 23], t[TensorIndex.Ellipsis, -1].flatten().data<long>().ToArray());
        Assert.Equal([20L, 21, 22, 23], t[t > 19].data<long>().ToArray());
    }
}
