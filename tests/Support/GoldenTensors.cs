using System.Text.Json;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>A golden file and its sidecar, whose tensors may be strided samples of larger ones.</summary>
internal sealed class GoldenTensors
{
    private readonly Golden _golden;
    private readonly JsonElement _described;

    private GoldenTensors(string relative)
    {
        _golden = Golden.Load(relative + ".safetensors");
        Sidecar = Fixtures.Json(relative + ".json").RootElement;
        _described = Sidecar.GetProperty("tensors");
    }

    /// <summary>Reads <c>relative.safetensors</c> and <c>relative.json</c>.</summary>
    public static GoldenTensors Load(string relative) => new(relative);

    public JsonElement Sidecar { get; }

    public IEnumerable<string> Names => _golden.Tensors.Keys;

    public bool Has(string name) => _golden.Tensors.ContainsKey(name);

    /// <summary>Shape of the complete tensor.</summary>
    public long[] Shape(string name)
    {
        var described = _described.GetProperty(name);
        var shape = described.ValueKind == JsonValueKind.Array ? described : described.GetProperty("shape");
        return [.. shape.EnumerateArray().Select(v => v.GetInt64())];
    }

    public long Stride(string name) =>
        _described.GetProperty(name) is { ValueKind: JsonValueKind.Object } described && described.TryGetProperty("stride", out var stride)
            ? stride.GetInt64() : 1;

    public long[] Integers(string name) => _golden[name].Integers;

    /// <summary>A completely stored tensor, in float32 or int64; bytes become booleans.</summary>
    public Tensor Tensor(string name)
    {
        if (Stride(name) != 1) throw new InvalidOperationException($"{name} is stored as samples only.");
        var stored = _golden[name];
        return stored.DType switch
        {
            "F32" or "F16" or "F64" => tensor(stored.Floats, Shape(name)),
            "U8" or "BOOL" => tensor(stored.Bools, Shape(name)),
            _ => tensor(stored.Integers).view(Shape(name)),
        };
    }

    /// <summary>Shape equal, and the stored samples within a relative error of <paramref name="tolerance"/>. Returns the error.</summary>
    public double Check(string name, Tensor actual, double tolerance = 1e-4)
    {
        Assert.Equal(Shape(name), actual.shape);
        using var scope = NewDisposeScope();
        float[] all = actual.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        long stride = Stride(name);
        float[] samples = stride == 1 ? all : [.. Enumerable.Range(0, (int)((all.Length + stride - 1) / stride)).Select(i => all[i * stride])];
        float[] expected = _golden[name].Floats;
        Close.Assert_(samples, expected, tolerance, name);
        return Close.RelativeError(samples, expected);
    }
}
