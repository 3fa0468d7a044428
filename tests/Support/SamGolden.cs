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

    /// <summary>The configuration's name, as the file says it.</summary>
    public string Config => _golden.Metadata["config"];

    /// <summary>The image's file, as the golden file says it: "truck_300x200.png".</summary>
    public string Image => _golden.Metadata["picture"];

    /// <summary>
    /// Every stored value within an absolute tolerance. The file holds the whole tensor, or a sample of it (then perhaps as "X.sample"): every
    /// n-th element of the flattened tensor, or every n-th along some dimensions. The README says n; here it is what the stored shape leaves.
    /// </summary>
    public void Check(string name, Tensor actual, double tolerance)
    {
        using var scope = NewDisposeScope();
        string key = Has(name) ? name : name + ".sample";
        var stored = _golden[key];
        float[] expected = stored.Floats;
        var samples = Samples(actual.detach(), stored.Shape, key).Select(Close.Values).ToArray();
        // Small tensors may leave two neighboring n; the values decide.
        float[] values = samples.FirstOrDefault(s => Largest(s, expected) <= tolerance) ?? samples[0];
        Close.AssertAbsolute(values, expected, tolerance, key);
        Worst = Math.Max(Worst, Largest(values, expected));
    }

    private static double Largest(float[] actual, float[] expected)
    {
        double largest = 0;
        for (int i = 0; i < actual.Length; i++) largest = Math.Max(largest, Math.Abs((double)actual[i] - expected[i]));
        return largest;
    }

    private static IEnumerable<Tensor> Samples(Tensor whole, long[] stored, string name)
    {
        if (whole.shape.AsSpan().SequenceEqual(stored)) return [whole];
        if (stored.Length == 1) whole = whole.contiguous().view(-1);
        Assert.True(whole.dim() == stored.Length, $"{name} is stored as [{string.Join(", ", stored)}], the tensor is [{string.Join(", ", whole.shape)}].");
        int[] sampled = [.. Enumerable.Range(0, stored.Length).Where(d => whole.shape[d] != stored[d])];
        long[] steps = [.. sampled.Select(d => Steps(whole.shape[d], stored[d])).Aggregate((a, b) => a.Intersect(b))];
        Assert.True(steps.Length > 0, $"{name} is stored as [{string.Join(", ", stored)}], which is not every n-th of [{string.Join(", ", whole.shape)}].");
        return steps.Select(step => sampled.Aggregate(whole, (t, d) => Strided(t, d, step)));
    }

    /// <summary>Every n of which each n-th of <paramref name="all"/> elements are <paramref name="stored"/> elements.</summary>
    private static IEnumerable<long> Steps(long all, long stored)
    {
        for (long step = Math.Max(1, (all + stored - 1) / Math.Max(1, stored)); (all + step - 1) / step == stored && step <= all; step++) yield return step;
    }

    /// <summary>t[::step] along one dimension.</summary>
    private static Tensor Strided(Tensor t, long dim, long step) =>
        t.index_select(dim, arange(0, t.shape[dim], step, dtype: ScalarType.Int64));
}
