using System.Text.Json;
using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>A golden file of rsprompter or sam_parser: weights and inputs by formula, sizes and names in its metadata.</summary>
internal sealed class TuningGolden
{
    private readonly Golden _golden;
    private readonly JsonElement _inputs;

    public TuningGolden(string relative)
    {
        _golden = Golden.Load(relative);
        _inputs = Json("inputs");
        Config = Json("config");
        Weights = Json("weights") is { ValueKind: JsonValueKind.Object } weights
            ? weights.EnumerateObject().ToDictionary(w => w.Name, w => Shape(w.Value)) : [];
    }

    /// <summary>Sizes.</summary>
    public JsonElement Config { get; }

    /// <summary>Shapes of all weights by name.</summary>
    public IReadOnlyDictionary<string, long[]> Weights { get; }

    public IEnumerable<string> Names => _golden.Tensors.Keys;

    public bool Has(string name) => _golden.Tensors.ContainsKey(name);

    public GoldenTensor this[string name] => _golden[name];

    public string Text(string key) => _golden.Metadata[key];

    /// <summary>An entry of the metadata; undefined where there is none or it is plain text.</summary>
    public JsonElement Json(string key)
    {
        if (!_golden.Metadata.TryGetValue(key, out string? text) || text.Length == 0 || text[0] is not ('{' or '[')) return default;
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Names of a list in the metadata.</summary>
    public string[] List(string key) => [.. Json(key).EnumerateArray().Select(v => v.GetString()!)];

    /// <summary>A size of the configuration.</summary>
    public int Size(string name) => Config.GetProperty(name).GetInt32();

    /// <summary>A number of the configuration.</summary>
    public double Number(string name) => Config.GetProperty(name).GetDouble();

    /// <summary>A stored tensor: float32, int64, or bool of bytes.</summary>
    public Tensor Tensor(string name)
    {
        var stored = _golden[name];
        return stored.DType.StartsWith('F') ? tensor(stored.Floats, stored.Shape)
            : stored.DType == "U8" ? tensor(stored.Bools, stored.Shape) : tensor(stored.Integers).view(stored.Shape);
    }

    public double Scalar(string name) => _golden[name].Doubles[0];

    /// <summary>A formula input: unit * (hi - lo) / 2 + (hi + lo) / 2 in float32.</summary>
    public Tensor Input(string name)
    {
        var input = _inputs.GetProperty(name);
        return Input(name, (float)input.GetProperty("lo").GetDouble(), (float)input.GetProperty("hi").GetDouble());
    }

    /// <summary>Whether there is such an input.</summary>
    public bool HasInput(string name) => _inputs.ValueKind == JsonValueKind.Object && _inputs.TryGetProperty(name, out _);

    private Tensor Input(string name, float low, float high)
    {
        var input = _inputs.GetProperty(name);
        long[] shape = Shape(input.GetProperty("shape"));
        var values = DetWeights.Unit(input.GetProperty("formula").GetString()!, shape.Aggregate(1L, (a, b) => a * b));
        float factor = (high - low) / 2, offset = (high + low) / 2;
        for (int i = 0; i < values.Length; i++)
        {
            float scaled = values[i] * factor;
            values[i] = scaled + offset;
        }
        return tensor(values, shape);
    }

    /// <summary>What outputs are multiplied by before the backward pass.</summary>
    public static Tensor Cotangent(string key, Tensor like) => tensor(DetWeights.Unit("input:cot." + key, like.numel()), like.shape);

    /// <summary>Boxes x1 y1 x2 y2 in the last four columns of a stored tensor.</summary>
    public BoxF[] Boxes(string name)
    {
        var stored = _golden[name];
        float[] values = stored.Floats;
        int columns = (int)stored.Shape[1];
        return [.. Enumerable.Range(0, (int)stored.Shape[0]).Select(i => values.AsSpan(i * columns + columns - 4, 4).ToArray())
            .Select(v => new BoxF(v[0], v[1], v[2], v[3]))];
    }

    /// <summary>Packed masks, one a row, most significant bit first.</summary>
    public bool[][] Bits(string name, int pixels)
    {
        var stored = _golden[name];
        int row = (int)stored.Shape[1];
        return [.. Enumerable.Range(0, (int)stored.Shape[0]).Select(r =>
            Enumerable.Range(0, pixels).Select(p => (stored.Raw[r * row + p / 8] >> (7 - p % 8) & 1) == 1).ToArray())];
    }

    /// <summary>Within <paramref name="tolerance"/> of the largest stored value, by default what the README allows feature maps.</summary>
    public void Check(string name, Tensor actual, double tolerance = 5e-6)
    {
        var stored = _golden[name];
        float[] expected = stored.Floats, values = Close.Values(actual);
        double most = expected.Length == 0 ? 0 : expected.Max(v => Math.Abs((double)v));
        Close.AssertAbsolute(values, expected, Math.Max(most, 1e-3) * tolerance, name);
    }

    /// <summary>Every gradient's length and its product with its probe, to 1e-4; what is zero up to rounding is compared with the largest.</summary>
    public void CheckGradients(IReadOnlyDictionary<string, Tensor> parameters, Func<string, string>? strip = null)
    {
        string[] names = List("grad_names");
        double[] lengths = _golden["grad_l2"].Doubles, probes = _golden["grad_probe"].Doubles;
        double rounding = lengths.Max() * 2e-6;
        for (int i = 0; i < names.Length; i++)
        {
            using var scope = NewDisposeScope();
            Assert.True(parameters.TryGetValue(strip?.Invoke(names[i]) ?? names[i], out var parameter), $"There is no parameter {names[i]}.");
            float[] gradient = parameter!.grad is { } found ? Close.Values(found) : new float[parameter.numel()];
            float[] probe = DetWeights.Unit("input:probe." + names[i], gradient.Length);
            double length = Math.Sqrt(gradient.Sum(g => (double)g * g)), product = gradient.Zip(probe).Sum(p => (double)p.First * p.Second);
            Assert.True(Math.Abs(length - lengths[i]) <= 1e-4 * lengths[i] + rounding, $"Length of the gradient of {names[i]}: {length}, not {lengths[i]}.");
            Assert.True(Math.Abs(product - probes[i]) <= 1e-4 * Math.Max(lengths[i], Math.Abs(probes[i])) + rounding * Math.Sqrt(gradient.Length),
                $"Product of the gradient of {names[i]}: {product}, not {probes[i]}.");
        }
    }

    /// <summary>The SAM of the configuration.</summary>
    public SamConfig Sam() => new()
    {
        Name = "tiny",
        Vit = new()
        {
            ImageSize = Size("image"),
            Patch = Size("patch"),
            Width = Size("embed"),
            Depth = Size("depth"),
            Heads = Size("heads"),
            Window = Size("window"),
            GlobalBlocks = [.. Config.GetProperty("global_blocks").EnumerateArray().Select(v => v.GetInt32())],
            Output = Size("width"),
        },
        DecoderHeads = Size("decoder_heads"),
        FeedForward = Size("decoder_mlp"),
        MaskChannels = Size("mask_in"),
        IouHeadWidth = Size("iou_hidden"),
    };

    private static long[] Shape(JsonElement shape) => [.. shape.EnumerateArray().Select(v => v.GetInt64())];
}
