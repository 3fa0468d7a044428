using System.Runtime.InteropServices;
using System.Text.Json;

namespace SemanticSam.Tests.Support;

/// <summary>One tensor of a golden file, kept as its raw little-endian bytes.</summary>
internal sealed record GoldenTensor(string DType, long[] Shape, byte[] Raw)
{
    /// <summary>F32, F16 or F64 as float32.</summary>
    public float[] Floats => DType switch
    {
        "F32" => MemoryMarshal.Cast<byte, float>(Raw).ToArray(),
        "F16" => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(Raw).ToArray(), h => (float)h),
        "F64" => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(Raw).ToArray(), d => (float)d),
        _ => throw new InvalidOperationException($"{DType} is not a floating type."),
    };

    public double[] Doubles => DType == "F64" ? MemoryMarshal.Cast<byte, double>(Raw).ToArray() : Array.ConvertAll(Floats, f => (double)f);

    /// <summary>I64, I32, U8 or BOOL as int64.</summary>
    public long[] Integers => DType switch
    {
        "I64" => MemoryMarshal.Cast<byte, long>(Raw).ToArray(),
        "I32" => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(Raw).ToArray(), i => (long)i),
        "U8" or "BOOL" => Array.ConvertAll(Raw, b => (long)b),
        _ => throw new InvalidOperationException($"{DType} is not an integer type."),
    };

    public bool[] Bools => Array.ConvertAll(Integers, v => v != 0);
}

/// <summary>
/// A golden .safetensors file, read by a few lines of its own, so that a mistake in the engine's reader cannot hide itself.
/// </summary>
internal sealed class Golden
{
    private readonly Dictionary<string, GoldenTensor> _tensors = [];

    public IReadOnlyDictionary<string, GoldenTensor> Tensors => _tensors;

    /// <summary>What the file says of itself, such as the configuration and the image it was computed with; often nothing.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    public GoldenTensor this[string name] => _tensors.TryGetValue(name, out var t) ? t
        : throw new KeyNotFoundException($"No tensor '{name}'; there are: {string.Join(", ", _tensors.Keys.Take(40))}");

    public static Golden Load(string relative)
    {
        byte[] file = Fixtures.Bytes(relative);
        int headLength = checked((int)BitConverter.ToUInt64(file, 0));
        using var head = JsonDocument.Parse(file.AsMemory(8, headLength));
        var golden = new Golden();
        foreach (var entry in head.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__")
            {
                golden.Metadata = entry.Value.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetString()!);
                continue;
            }
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64())];
            int from = entry.Value.GetProperty("data_offsets")[0].GetInt32(), to = entry.Value.GetProperty("data_offsets")[1].GetInt32();
            golden._tensors[entry.Name] = new(entry.Value.GetProperty("dtype").GetString()!, shape,
                file.AsSpan(8 + headLength + from, to - from).ToArray());
        }
        return golden;
    }
}
