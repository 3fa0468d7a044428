using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>The single-operator fixtures of semantic_sam; shapes and sizes are read from the sidecar's descriptions.</summary>
internal sealed class Units
{
    private readonly GoldenTensors _golden = GoldenTensors.Load("semantic_sam/units");

    public GoldenTensors Golden => _golden;

    /// <summary>The tensors whose names start so, as the cases of a theory.</summary>
    public static TheoryData<string> Cases(string start) =>
        Fixtures.Cases(() => new Units().Golden.Names.Where(n => n.StartsWith(start, StringComparison.Ordinal)));

    /// <summary>A formula input, with the shape that the sidecar names.</summary>
    public Tensor Input(string name)
    {
        string text = _golden.Sidecar.GetProperty("inputs").GetString()!;
        var (module, input) = (name[..name.LastIndexOf('.')], name[(name.LastIndexOf('.') + 1)..]);
        // "declayer.tgt/pos (12,1,32)" names two inputs of one shape.
        var found = Regex.Match(text, $@"\b{Regex.Escape(module)}\.(?:\w+/)*{Regex.Escape(input)}(?:/\w+)* \(([\d,]+)\)");
        Assert.True(found.Success, $"The sidecar names no shape for {name}.");
        return Input(name, [.. found.Groups[1].Value.Split(',').Select(v => long.Parse(v, CultureInfo.InvariantCulture))]);
    }

    /// <summary>A formula input of a given shape.</summary>
    public Tensor Input(string name, long[] shape) => DetInput.Tensor("unit." + name, shape);

    /// <summary>The map of a module's input: "stage.x (2,108,24) for a 9x12 map".</summary>
    public (long Height, long Width) Map(string module)
    {
        string text = _golden.Sidecar.GetProperty("inputs").GetString()!;
        var found = Regex.Match(text, $@"\b{Regex.Escape(module)}\.x \([\d,]+\) for an? (\d+)x(\d+) map");
        Assert.True(found.Success, $"The sidecar names no map for {module}.");
        return (long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), long.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>A size of a module's description, such as heads in "WindowAttention(dim=24, window=7x7, heads=3)".</summary>
    public long Size(string module, string name)
    {
        string text = _golden.Sidecar.GetProperty("modules").GetProperty(module).GetString()!;
        var found = Regex.Match(text, $@"\b{name}=(\d+)");
        Assert.True(found.Success, $"The sidecar names no {name} for {module}.");
        return long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
