using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Checkpoints.Safetensors;
using SemanticSam.Engine.Zoo;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Tuning;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Tuning;

public sealed class FeatureCacheTests : IDisposable
{
    private static readonly long[][] Shapes = [[1, 2, 3], [4]];
    private readonly TempFolder _folder = new();
    private int _made;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void GetOrAdd_SoundFeatures_AreMadeOnceAndReadAgain()
    {
        using var scope = NewDisposeScope();
        var first = Get(1.5f);
        var again = Get(7);
        Assert.Equal(1, _made);
        Assert.Equal(first.SelectMany(Close.Values), again.SelectMany(Close.Values));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void GetOrAdd_KeptFeaturesThatAreNotFinite_AreMadeAnew(float value)
    {
        using var scope = NewDisposeScope();
        Get(1);
        Overwrite(new() { ["00"] = ones(1, 2, 3), ["01"] = full([4], value, ScalarType.Float16) });
        Assert.All(Get(2).SelectMany(Close.Values), v => Assert.Equal(2, v));
        Assert.All(Get(3).SelectMany(Close.Values), v => Assert.Equal(2, v)); // written over
    }

    [Theory]
    [InlineData(new long[] { 1, 3, 2 }, new long[] { 4 })]
    [InlineData(new long[] { 1, 2, 3 }, new long[] { 5 })]
    [InlineData(new long[] { 1, 2, 3 }, null)]
    public void GetOrAdd_KeptFeaturesOfOtherShapes_AreMadeAnew(long[] one, long[]? other)
    {
        using var scope = NewDisposeScope();
        Get(1);
        var tensors = new Dictionary<string, Tensor> { ["00"] = ones(one) };
        if (other is not null) tensors["01"] = ones(other);
        Overwrite(tensors);
        Assert.Equal(Shapes, Get(2).Select(t => t.shape));
        Assert.Equal(2, _made);
        Get(3);
        Assert.Equal(2, _made);
    }

    /// <summary>A damaged file takes room that is its successor's, also where the limit is reached.</summary>
    [Fact]
    public void GetOrAdd_DamagedFileAtTheLimit_IsWrittenOver()
    {
        using var scope = NewDisposeScope();
        Get(1);
        long size = Directory.GetFiles(_folder.Path).Sum(f => new FileInfo(f).Length);
        Overwrite(new() { ["00"] = full([1, 2, 3], float.NaN), ["01"] = ones(4) });
        var cache = new FeatureCache(_folder.Path, "model", size, _ => { });
        Get(2, cache);
        Assert.Equal(size, cache.Bytes);
        Assert.All(Get(3).SelectMany(Close.Values), v => Assert.Equal(2, v));
    }

    [Fact]
    public void GetOrAdd_MadeFeaturesThatAreNotFinite_AreNotKept()
    {
        using var scope = NewDisposeScope();
        Get(float.NaN);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Get(1);
        Assert.Equal(2, _made);
    }

    /// <summary>Half precision ends at 65,504.</summary>
    [Theory]
    [InlineData(65_504f)]
    [InlineData(65_536f)]
    [InlineData(-3e9f)]
    public void GetOrAdd_FeaturesBeyondHalfPrecision_AreKeptAsTheyAre(float value)
    {
        using var scope = NewDisposeScope();
        Get(value);
        Assert.All(Get(1).SelectMany(Close.Values), v => Assert.Equal(value, v));
        Assert.Equal(1, _made);
    }

    /// <summary>Were one of them wrong, nothing would ever be read again.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Shapes_OfAnEncoder_AreThoseThatItGives(bool sam)
    {
        using var scene = new TuningScene(images: 1);
        using var scope = NewDisposeScope();
        using var below = BaseSource.Of(sam ? scene.Sam : scene.Nano()).Open(sam ? null : 192, CPU);
        var view = below.Encoder.Encode(zeros(3, 90, 120));
        Assert.Equal(view.All.Select(t => t.shape), PrompterTask.Shapes(below.Encoder));
    }

    private IReadOnlyList<Tensor> Get(float value, FeatureCache? cache = null) =>
        (cache ?? new(_folder.Path, "model", 1 << 20, _ => { })).GetOrAdd("image", "view", Shapes, () =>
        {
            _made++;
            return [.. Shapes.Select(s => full(s, value))];
        });

    private void Overwrite(Dictionary<string, Tensor> tensors) => SafetensorsWriter.Write(Directory.GetFiles(_folder.Path).Single(), tensors);
}
