using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Tests.Support;

/// <summary>Pictures of the semantic_sam and openseed fixtures as their networks take them: normalised, then padded to multiples of 32.</summary>
internal static class ModelInput
{
    /// <summary>A picture given as a formula, "(tensor('input:NAME', (3,H,W)) + 1) * 127.5", with or without floor.</summary>
    public static Tensor OfFormula(string formula)
    {
        var found = Regex.Match(formula, @"tensor\('(input:[^']+)', \((\d+),(\d+),(\d+)\)\) \+ 1\) \* 127\.5");
        Assert.True(found.Success, $"Not a picture formula: {formula}");
        long[] shape = [.. Enumerable.Range(2, 3).Select(g => long.Parse(found.Groups[g].Value, CultureInfo.InvariantCulture))];
        float[] values = DetWeights.Values(found.Groups[1].Value, shape);
        for (int i = 0; i < values.Length; i++) values[i] = (values[i] + 1) * 127.5f;
        if (formula.StartsWith("floor", StringComparison.Ordinal))
            for (int i = 0; i < values.Length; i++) values[i] = MathF.Floor(values[i]);
        return Prepare(tensor(values, shape));
    }

    /// <summary>The picture of a sidecar's "image", a formula or an object that holds one.</summary>
    public static Tensor OfSidecar(JsonElement image) =>
        OfFormula(image.ValueKind == JsonValueKind.String ? image.GetString()! : image.GetProperty("formula").GetString()!);

    /// <summary>The 8-bit values of a PNG fixture as they are.</summary>
    public static Tensor OfPng(string relative)
    {
        var (width, height, rgb) = Png.Read(relative);
        return Prepare(tensor(Array.ConvertAll(rgb, b => (float)b), [height, width, 3]).permute(2, 0, 1));
    }

    /// <summary>[3, H, W] in 0..255 -> [1, 3, H', W'].</summary>
    private static Tensor Prepare(Tensor rgb)
    {
        var mean = tensor([123.675f, 116.28f, 103.53f], [3, 1, 1]);
        var std = tensor([58.395f, 57.12f, 57.375f], [3, 1, 1]);
        long bottom = -rgb.shape[1] & 31, right = -rgb.shape[2] & 31;
        return F.pad((rgb - mean) / std, [0, right, 0, bottom]).unsqueeze(0).contiguous();
    }
}
