using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

/// <summary>Pointwise operators, comparisons, reductions and products against values worked out by hand.</summary>
public sealed class MathTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _m = tensor(new float[,] { { 1, -2, 3 }, { 4, 5, -6 } });

    public void Dispose() => _scope.Dispose();

    private static void Same(float[] expected, Tensor actual)
    {
        float[] values = actual.@float().data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++) Assert.Equal(expected[i], values[i], 1e-5f);
    }

    [Fact]
    public void Arithmetic_WithTensorsAndNumbers_GivesHandComputedValues()
    {
        Tensor a = tensor(new float[] { 1, 2, 4 });
        Tensor b = tensor(new float[] { 10, 20, 30 });
        Same([21, 42, 64], a.add(b, 2));
        Same([11, 22, 34], a + b);
        Same([9, 18, 26], b - a);
        Same([-9, -18, -26], a - b);
        Same([2, 4, 8], a * 2);
        Same([0.5f, 1, 2], a / 2);
        Same([1, 0.5f, 0.25f], 1.0 / a);
        Same([4, 3, 1], 5 - a);
        Same([-1, -2, -4], -a);
        Same([1, 4, 16], a.pow(2));
        Same([1, 2, 0], b.remainder(3));
        Same([3, 6, 10], b.div(3, RoundingMode.floor));
        Same([110, 440, 1220], tensor(new float[] { 100, 400, 1100 }).addcmul(a, b, 1));
        Same([5.5f, 11, 17], a.lerp(b, tensor(0.5f)));
    }

    [Fact]
    public void Arithmetic_OfMixedTypes_PromotesAsPythonDoes()
    {
        Tensor ints = tensor(new long[] { 1, 2 });
        Tensor floats = tensor(new float[] { 1, 2 });
        Assert.Equal(ScalarType.Float32, (floats * 2.0).dtype);
        Assert.Equal(ScalarType.Float32, (2.0 - floats).dtype);
        Assert.Equal(ScalarType.Float32, (ints + floats).dtype);
        Assert.Equal(ScalarType.Float32, (ints * 0.5).dtype);
        Assert.Equal(ScalarType.Float32, (1.5 - ints).dtype);
        Assert.Equal(ScalarType.Int64, (1 - ints).dtype);
        Assert.Equal(ScalarType.Float32, (ints / 2).dtype);
        Assert.Equal(ScalarType.Bool, (ints > 1).dtype);
    }

    [Fact]
    public void InPlace_Operators_ChangeTheTensorAndReturnIt()
    {
        Tensor a = tensor(new float[] { 1, 2 });
        Assert.Same(a, a.add_(1));
        Assert.Same(a, a.mul_(3).sub_(1).div_(5));
        Same([1, 1.6f], a);
        Same([1, 1.5f], a.clamp_(max: 1.5));
        Same([0, 0], a.zero_());
        Same([7, 7], a.fill_(7));
    }

    [Fact]
    public void Functions_OfOneTensor_GiveHandComputedValues()
    {
        Tensor a = tensor(new float[] { 0, 1, 4 });
        Same([0, 1, 2], a.sqrt());
        Same([1, MathF.E, MathF.Exp(4)], a.exp());
        Same([0, MathF.Log(2), MathF.Log(5)], a.log1p());
        Same([0.5f, 0.7310586f, 0.98201376f], a.sigmoid());
        Same([0, 0.76159416f, 0.9993293f], a.tanh());
        Same([0, 0.8427008f, 1], a.erf());
        Same([0, MathF.Sin(1), MathF.Sin(4)], sin(a));
        Same([1, -2, 2], tensor(new float[] { 1.4f, -1.6f, 2.5f }).round()); // half to even
        Same([1, 2, 3, 4, 5, 6], _m.abs().flatten());
        Same([1, -1, 1, 1, 1, -1], _m.sign().flatten());
        Same([0, 0, 2, 2, 2, 0], _m.clamp(0, 2).flatten() * tensor(new float[] { 0, 1, 1, 1, 1, 1 }));
    }

    [Fact]
    public void Comparisons_GiveBools()
    {
        Tensor a = tensor(new float[] { 1, 2, 3 });
        Assert.Equal([false, true, true], (a >= 2).data<bool>().ToArray());
        Assert.Equal([true, false, false], (2 > a).data<bool>().ToArray());
        Assert.Equal([false, true, false], (a == 2).data<bool>().ToArray());
        Assert.Equal([false, false, true], ((a > 1) & (a != 2)).data<bool>().ToArray());
        Assert.Equal([true, false, false], (~(a > 1)).data<bool>().ToArray());
        Assert.Equal([true, false, true], ((a < 2) | (a > 2)).data<bool>().ToArray());
        Assert.True(a.allclose(a + 1e-9));
        Same([1, 7, 3], where(a == 2, tensor(7f), a));
        Same([2, 2, 3], maximum(a, tensor(2f)));
    }

    [Fact]
    public void Reductions_GiveHandComputedValues()
    {
        Same([5], _m.sum());
        Same([5, 3, -3], _m.sum(0L));
        Same([2, 3], _m.sum([1], keepdim: true));
        Same([2f / 3, 1], _m.mean([1]));
        Same([4, 5, 3], _m.max(0).Item1);
        Assert.Equal([1L, 1, 0], _m.max(0).Item2.data<long>().ToArray());
        Same([-2, -6], _m.amin(1));
        Assert.Equal([2L, 1], _m.argmax(1).data<long>().ToArray());
        Assert.Equal(5, _m.argmin().ToInt64());
        Same([MathF.Sqrt(14), MathF.Sqrt(77)], _m.norm(1));
        Same([1, -1, 2, 4, 9, 3], _m.cumsum(1).flatten());
        Same([MathF.Sqrt(19f / 3), MathF.Sqrt(37)], _m.std(1)); // unbiased: deviations from 2/3 and 1
        Same([38f / 9, 74f / 3], _m.var([1], unbiased: false));
        Assert.True((_m > 0).any().ToBoolean());
        Assert.False((_m > 0).all().ToBoolean());
        Assert.Equal(6, _m.count_nonzero().ToInt64());
        Same([MathF.Log(MathF.Exp(1) + MathF.Exp(-2) + MathF.Exp(3))], _m[0].logsumexp(0));
    }

    [Fact]
    public void Sorting_GivesValuesAndIndices()
    {
        (Tensor values, Tensor order) = _m.sort(1, descending: true);
        Same([3, 1, -2, 5, 4, -6], values.flatten());
        Assert.Equal([2L, 0, 1, 1, 0, 2], order.flatten().data<long>().ToArray());
        (Tensor best, Tensor where) = _m.flatten().topk(2);
        Same([5, 4], best);
        Assert.Equal([4L, 3], where.data<long>().ToArray());
        Assert.Equal([1L, 0, 2], _m[0].argsort().data<long>().ToArray());
        (Tensor distinct, Tensor inverse, Tensor counts) = tensor(new long[] { 3, 1, 3, 2 }).unique(return_inverse: true, return_counts: true);
        Assert.Equal([1L, 2, 3], distinct.data<long>().ToArray());
        Assert.Equal([2L, 0, 2, 1], inverse.data<long>().ToArray());
        Assert.Equal([1L, 1, 2], counts.data<long>().ToArray());
        Assert.Equal([1L, 2], searchsorted(tensor(new float[] { 1, 3, 5 }), tensor(new float[] { 2, 5 })).data<long>().ToArray());
    }

    [Fact]
    public void Products_OfMatrices_GiveHandComputedValues()
    {
        Tensor b = tensor(new float[,] { { 1, 0 }, { 2, 1 }, { 0, 3 } });
        Same([-3, 7, 14, -13], _m.matmul(b).flatten());
        Same([-3, 7, 14, -13], einsum("ij,jk->ik", _m, b).flatten());
        Same([-3, 7, 14, -13], bmm(_m.unsqueeze(0), b.unsqueeze(0)).flatten());
        Same([2, 7], _m.mv(tensor(new float[] { 3, 2, 1 })) - tensor(new float[] { 0, 9 }));
        Same([14], _m[0].dot(_m[0]));
        Same([1, 2, 2, 4], outer(tensor(new float[] { 1, 2 }), tensor(new float[] { 1, 2 })).flatten());
        Same([0.5f, 0, 0, 0.25f], tensor(new float[,] { { 2, 0 }, { 0, 4 } }).inverse().flatten());
        Same([5], cdist(tensor(new float[,] { { 0, 0 } }), tensor(new float[,] { { 3, 4 } })).flatten());
        Same([1, 2, 0, 0], block_diag(tensor(new float[,] { { 1, 2 } }), tensor(new float[,] { { 5 } })).flatten()[..4]);
    }
}
