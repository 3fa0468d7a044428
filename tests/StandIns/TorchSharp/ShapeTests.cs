using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.StandIns.TorchSharpBridge;

/// <summary>Making, reshaping, joining, indexing and reading tensors.</summary>
public sealed class ShapeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _t = arange(24).reshape(2, 3, 4);

    public void Dispose() => _scope.Dispose();

    private static long[] Longs(Tensor t) => t.flatten().data<long>().ToArray();

    [Fact]
    public void Creation_GivesShapeTypeAndValues()
    {
        Assert.Equal([2L, 3], zeros(2, 3).shape);
        Assert.Equal(ScalarType.Float32, zeros(2, 3).dtype);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, arange(0, 1, 0.25).dtype);
        Assert.Equal([0f, 0.25f, 0.5f, 0.75f], arange(0, 1, 0.25).data<float>().ToArray());
        Assert.Equal([-1f, 0f, 1f], linspace(-1, 1, 3).data<float>().ToArray());
        Assert.Equal([7, 7], full(2, 7, ScalarType.Int32).data<int>().ToArray());
        Assert.Equal(ScalarType.Int64, full(2, 7).dtype);
        Assert.Equal([1f, 0, 0, 1], eye(2).flatten().data<float>().ToArray());
        Assert.Equal([2L, 2], tensor(new int[,] { { 1, 2 }, { 3, 4 } }).shape);
        Assert.Equal([2L, 3], tensor(new float[] { 1, 2, 3, 4, 5, 6 }, [2, 3]).shape);
        Assert.Equal(ScalarType.Float64, tensor(1.5).dtype);
        Assert.Equal(ScalarType.Float32, tensor(1.5f).dtype);
        Assert.Equal([1L, 2, 2], from_array(new double[1, 2, 2]).shape);
        Assert.Equal([4L, 5, 6], ones_like(zeros(4, 5, 6)).shape);
        Assert.Throws<ArgumentException>(() => tensor(new float[] { 1, 2, 3 }, [2, 2]));
    }

    [Fact]
    public void Random_WithTheSameSeed_Repeats()
    {
        manual_seed(7);
        float[] first = rand(3).data<float>().ToArray();
        float[] normal = randn(3).data<float>().ToArray();
        manual_seed(7);
        Assert.Equal(first, rand(3).data<float>().ToArray());
        Assert.Equal(normal, randn(3).data<float>().ToArray());
        using var g = new Generator(3);
        long[] order = Longs(randperm(10, generator: g));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), order.Order());
        Assert.Equal(order, Longs(randperm(10, generator: g.manual_seed(3))));
        Assert.All(Longs(randint(2, 5, [50])), v => Assert.InRange(v, 2, 4));
    }

    [Fact]
    public void FromBuffer_SharesTheArraysMemory()
    {
        float[] array = [1, 2, 3, 4];
        Tensor t = frombuffer(array, ScalarType.Float32, 2, 4);
        array[1] = 20;
        Assert.Equal([20f, 3f], t.data<float>().ToArray());
        t[1] = tensor(30f);
        Assert.Equal(30f, array[2]);
        Assert.Throws<ArgumentException>(() => frombuffer(array, ScalarType.Float32, 4, 4));
    }

    [Fact]
    public void Reshaping_GivesTheSameElementsInTheRightOrder()
    {
        Assert.Equal([2L, 12], _t.view(2, -1).shape);
        Assert.Equal([4L, 2, 3], _t.permute(2, 0, 1).shape);
        Assert.Equal([0L, 12, 4, 16, 8, 20], Longs(_t.permute(2, 1, 0)[0]));
        Assert.Equal([2L, 1, 3, 4], _t.unsqueeze(1).shape);
        Assert.Equal([2L, 3, 4], _t.unsqueeze(1).squeeze(1).shape);
        Assert.Equal([6L, 4], _t.flatten(0, 1).shape);
        Assert.Equal([2L, 3, 2, 2], _t.unflatten(2, 2, 2).shape);
        Assert.Equal([5L, 3, 4], _t[0].expand(5, -1, -1).shape);
        Assert.Equal([2L, 6, 4], _t.repeat(1, 2, 1).shape);
        Assert.Equal([3L, 0, 1, 2], Longs(arange(4).roll(1)));
        Assert.Equal([3L, 2, 1, 0], Longs(arange(4).flip(0)));
        Assert.Equal([0L, 0, 1, 1], Longs(arange(2).repeat_interleave(2)));
        Assert.Equal([1L, 2, 5, 6, 9, 10], Longs(_t[0].narrow(1, 1, 2)));
        Assert.Equal([3L, 2, 4], _t.transpose(0, 1).contiguous().shape);
        Assert.False(_t.transpose(0, 1).is_contiguous());
        Assert.Equal([12L, 4, 1], _t.stride());
        Assert.Equal([0L, 5, 10], Longs(_t[0].diagonal()));
    }

    [Fact]
    public void Joining_AndSplitting_AreInverse()
    {
        Tensor[] parts = _t.split(2, 2);
        Assert.Equal(2, parts.Length);
        Assert.Equal(Longs(_t), Longs(cat(parts, 2)));
        Assert.Equal(Longs(_t), Longs(stack(_t.unbind(1), 1)));
        Assert.Equal([1L, 3], _t.split([1, 3], 2).Select(p => p.shape[2]));
        Assert.Equal(3, _t.chunk(3, 1).Length);
        Tensor[] grid = meshgrid([arange(2), arange(3)]);
        Assert.Equal([0L, 0, 0, 1, 1, 1], Longs(grid[0]));
        Assert.Equal([0L, 1, 2, 0, 1, 2], Longs(grid[1]));
    }

    [Fact]
    public void Cat_OfMoreTensorsThanScratchHolds_Joins()
    {
        Tensor[] many = Enumerable.Range(0, 300).Select(i => tensor(new long[] { i })).ToArray();
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (long)i), Longs(cat(many)));
    }

    [Fact]
    public void Index_ByNumbersSlicesAndMasks_GivesWhatPythonGives()
    {
        Assert.Equal([4L, 5, 6, 7], Longs(_t[0, 1]));
        Assert.Equal([1L, 5, 9], Longs(_t[0, .., 1]));
        Assert.Equal([3L, 7, 11, 15, 19, 23], Longs(_t[TensorIndex.Ellipsis, -1]));
        Assert.Equal([20L, 21, 22, 23], Longs(_t[_t > 19]));
        Assert.Equal([0L, 2, 4, 6, 8, 10], Longs(_t[0, TensorIndex.Colon, TensorIndex.Slice(null, null, 2)]));
        Assert.Equal([5L, 6], Longs(_t[0, 1, 1..3]));
        Assert.Equal([6L, 7], Longs(_t[0, 1, 2..]));
        Assert.Equal([4L, 5, 6], Longs(_t[0, 1, ..^1]));
        Assert.Equal([2L, 1, 3, 4], _t[.., TensorIndex.None].shape);
        Assert.Equal([3L, 1, 4], _t[1, TensorIndex.Ellipsis, TensorIndex.None, TensorIndex.Colon].shape);
        Tensor rows = tensor(new long[] { 2, 0 });
        Assert.Equal([8L, 9, 10, 11, 0, 1, 2, 3], Longs(_t[TensorIndex.Single(0), TensorIndex.Tensor(rows)]));
        Assert.Equal([2L, 2, 4], _t[TensorIndex.Colon, TensorIndex.Tensor(rows)].shape);
        Assert.Equal([8L, 13], Longs(_t.index([tensor(new long[] { 0, 1 }), tensor(new long[] { 2, 0 }), tensor(new long[] { 0, 1 })])));
        Tensor mask = tensor(new bool[] { true, false, true });
        Assert.Equal([2L, 2, 4], _t[TensorIndex.Colon, TensorIndex.Tensor(mask)].shape);
        Assert.Equal([2L, 4], _t[TensorIndex.Tensor(tensor(new[,] { { true, false, false }, { false, false, true } }))].shape);
    }

    [Fact]
    public void Assignment_ToAnIndex_ChangesOnlyThatPart()
    {
        Tensor z = zeros(3, 3);
        z[1, 1] = tensor(5f);
        z[.., 0] = tensor(new float[] { 1, 2, 3 });
        z[2] = full(3, 9f);
        Assert.Equal([1f, 0, 0, 2, 5, 0, 9, 9, 9], z.flatten().data<float>().ToArray());
        z[z > 4] = tensor(-1f);
        Assert.Equal([1f, 0, 0, 2, -1, 0, -1, -1, -1], z.flatten().data<float>().ToArray());
        z[0..2, 2] = ones(1, 2); // leading ones are dropped, as in Python
        Assert.Equal([1f, 0, 1, 2, -1, 1, -1, -1, -1], z.flatten().data<float>().ToArray());
        z.index_put_(ones(2), [tensor(new long[] { 0, 0 }), tensor(new long[] { 1, 1 })], accumulate: true);
        Assert.Equal(2f, z[0, 1].ToSingle());
    }

    [Fact]
    public void Selection_ByIndexTensors_GivesHandComputedValues()
    {
        Tensor m = tensor(new float[,] { { 1, 2 }, { 3, 4 } });
        Tensor i = tensor(new long[,] { { 1, 0 }, { 0, 0 } });
        Assert.Equal([2f, 1, 3, 3], m.gather(1, i).flatten().data<float>().ToArray());
        Assert.Equal([3f, 4], m.index_select(0, tensor(new long[] { 1 })).flatten().data<float>().ToArray());
        Assert.Equal([0f, 5, 0], zeros(3).scatter(0, tensor(new long[] { 1 }), tensor(new float[] { 5 })).data<float>().ToArray());
        Assert.Equal([0f, 3, 0], zeros(3).scatter_add(0, tensor(new long[] { 1, 1 }), tensor(new float[] { 1, 2 })).data<float>().ToArray());
        Assert.Equal([0f, 2, 3, 4], m.masked_fill(m < 2, 0).flatten().data<float>().ToArray());
        Assert.Equal([3f, 4], m.masked_select(m > 2).data<float>().ToArray());
        Assert.Equal([1L, 0, 1, 1], Longs((m > 2).nonzero()));
    }

    [Fact]
    public void Data_OfAStridedTensor_IsInLogicalOrder()
    {
        Tensor turned = tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }).t();
        Assert.Equal([1f, 4, 2, 5, 3, 6], turned.data<float>().ToArray());
        Assert.Equal(5f, turned.data<float>()[1, 1]);
        var copy = new float[4];
        turned.data<float>().CopyTo(copy, 0, 2);
        Assert.Equal([2f, 5, 3, 6], copy);
        Assert.Throws<ArgumentException>(() => turned.data<double>());
        Assert.Equal(24, turned.contiguous().bytes.Length);
    }

    [Fact]
    public void Item_GivesTheValue_OrSaysWhatIsWrong()
    {
        Assert.Equal(5L, tensor(5L).item<long>());
        Assert.Equal(2.5f, tensor(2.5f).ToSingle());
        Assert.Equal(2, tensor(2.5f).ToInt32());
        Assert.True(tensor(true).item<bool>());
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
        Assert.Throws<ArgumentException>(() => ones(1).item<double>());
    }

    [Fact]
    public void To_ChangesTypeAndKeepsValues()
    {
        Tensor f = tensor(new float[] { 1.5f, -2.5f });
        Assert.Equal([1L, -2], f.@long().data<long>().ToArray());
        Assert.Equal(ScalarType.BFloat16, f.to(ScalarType.BFloat16).dtype);
        Assert.Equal([1.5f, -2.5f], f.half().to(ScalarType.Float32).data<float>().ToArray());
        Tensor same = f.to(ScalarType.Float32);
        same[0] = tensor(9f);
        Assert.Equal(9f, f[0].ToSingle()); // no copy when nothing changes
        Assert.Equal(DeviceType.CPU, f.cpu().device_type);
        Tensor doomed = f.clone();
        doomed.to(ScalarType.Float64, disposeAfter: true);
        Assert.True(doomed.IsInvalid);
    }

    [Fact]
    public void Streams_RoundTripTheBytes()
    {
        using var stream = new MemoryStream();
        Tensor t = rand(7, 5);
        t.WriteBytesToStream(stream);
        stream.Position = 0;
        Tensor back = empty(7, 5);
        back.ReadBytesFromStream(stream);
        Assert.Equal(t.data<float>().ToArray(), back.data<float>().ToArray());
    }

    [Fact]
    public void ToString_NamesShapeTypeAndDevice()
    {
        Assert.Equal("[2x3x4], type = Int64, device = cpu", _t.ToString());
        Assert.Equal("[[0, 1]\n [2, 3]]", arange(4).reshape(2, 2).ToString(TorchSharp.TensorStringStyle.Numpy));
    }
}
