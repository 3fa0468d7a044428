using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>Formula inputs of fixtures.</summary>
internal static class DetInput
{
    /// <summary>tensor('input:name', shape) of the golden READMEs, values in [-1, 1).</summary>
    public static Tensor Tensor(string name, params long[] shape) => tensor(DetWeights.Values("input:" + name, shape), shape);
}

/// <summary>
/// Inputs that a sidecar describes by a formula: <c>4 * tensor('input:NAME', (3,24,32))</c>, <c>sigmoid(1.5 * tensor(...))</c>,
/// <c>floor((tensor(...) + 1) * 127.5)</c>. What stands after the formula is a remark.
/// </summary>
internal static partial class Formula
{
    public static Tensor Of(string formula)
    {
        var found = Pattern().Match(formula);
        Assert.True(found.Success, $"Not a formula of an input: {formula}");
        using var scope = NewDisposeScope();
        var values = DetInput.Tensor(found.Groups["name"].Value, Shape(formula));
        if (found.Groups["factor"] is { Success: true } factor) values *= double.Parse(factor.Value, CultureInfo.InvariantCulture);
        // The values are exact in float32 up to here; the reference adds and multiplies in float32.
        if (found.Groups["pixels"].Success) values = (values + 1) * 127.5;
        values = found.Groups["function"].Value switch
        {
            "" => values,
            "floor" => values.floor(),
            "sigmoid" => values.sigmoid(),
            var other => throw new NotSupportedException($"{other} in {formula}"),
        };
        return values.MoveToOuterDisposeScope();
    }

    /// <summary>The formula's shape.</summary>
    public static long[] Shape(string formula)
    {
        var found = Pattern().Match(formula);
        Assert.True(found.Success, $"Not a formula of an input: {formula}");
        return [.. found.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(v => long.Parse(v, CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex(
        @"^(?:(?<function>[a-z]+)\()?\(*(?:(?<factor>[\d.]+) \* )?tensor\('input:(?<name>[^']+)', \((?<shape>[\d,]+)\)\)(?<pixels> \+ 1\) \* 127\.5)?")]
    private static partial Regex Pattern();
}
