using SemanticSam.Formats.Shapes;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>A file of golden/sam or golden/mobilesam: tensors with their own shapes, "X.sample" by the caller's rule.</summary>
internal sealed class SamGolden(string relative)
{
    private readonly Golden _golden = Golden.Load(relative);

    /// <summary>Largest absolute difference of all checks so far.</summary>
    public double Worst { get; private set; }

    public bool Has(string name) => _golden.Tensors.ContainsKey(name);

    public IEnumerable<string> Names => _golden.Tensors.Keys;

    /// <summary>Names of the prompts of the file: what stands before ".iou.multi" or ".scores".</summary>
    public IEnumerable<string> Prompts(string ending) => Names.Where(n => n.EndsWith(ending, StringComparison.Ordinal)).Select(n => n[..^ending.Length]);

    public GoldenTensor Raw(string name) => _golden[name];

    /// <summary>Float32 (also of float64) or int64; null where the file has none.</summary>
    public Tensor? Optional(string name)
    {
        if (!_golden.Tensors.TryGetValue(name, out var stored)) return null;
        return stored.DType.StartsWith('F') ? tensor(stored.Floats, stored.Shape) : tensor(stored.Integers).view(stored.Shape);
    }

    public Tensor Tensor(string name) => Optional(name) ?? throw new KeyNotFoundException(name);

    /// <summary>Same shape, every value within an absolute tolerance.</summary>
    public void Check(string name, Tensor actual, double tolerance)
    {
        using var scope = NewDisposeScope();
        var stored = _golden[name];
        Assert.Equal(stored.Shape, actual.shape);
        float[] values = actual.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray(), expected = stored.Floats;
        Close.AssertAbsolute(values, expected, tolerance, name);
        for (int i = 0; i < values.Length; i++) Worst = Math.Max(Worst, Math.Abs((double)values[i] - expected[i]));
    }

    /// <summary>Every n-th element of the flattened tensor, or all of it, whichever the file holds (with ".sample" or without).</summary>
    public void CheckEvery(string name, Tensor actual, int step, double tolerance)
    {
        using var scope = NewDisposeScope();
        string key = Has(name) ? name : name + ".sample";
        var flat = actual.contiguous().view(-1);
        long[] stored = _golden[key].Shape;
        Check(key, stored.Length == 1 && stored[0] != actual.numel() ? Strided(flat, 0, step) : actual.reshape(stored), tolerance);
    }

    /// <summary>t[::step] along one dimension.</summary>
    public static Tensor Strided(Tensor t, long dim, long step) =>
        t.index_select(dim, arange(0, t.shape[dim], step, dtype: ScalarType.Int64));

    /// <summary>t[..., ::step, ::step].</summary>
    public static Tensor Grid(Tensor t, long step) => Strided(Strided(t, t.dim() - 2, step), t.dim() - 1, step);
}
