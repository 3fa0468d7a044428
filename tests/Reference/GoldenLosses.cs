using System.Text.Json;
using SemanticSam.Tests.Support;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>Comparisons that the golden trainings share.</summary>
internal static class GoldenLosses
{
    /// <summary>Every loss of the reference is there with its value, and none besides.</summary>
    public static void Check(JsonElement expected, IReadOnlyDictionary<string, Tensor> actual, string prefix = "")
    {
        var wanted = expected.EnumerateObject()
            .Where(l => l.Name.StartsWith(prefix, StringComparison.Ordinal) && !l.Name.StartsWith("fake", StringComparison.Ordinal)).ToArray();
        Assert.Equal(wanted.Select(l => l.Name[prefix.Length..]).Order(), actual.Keys.Order());
        foreach (var loss in wanted)
            Near(loss.Value.GetDouble(), actual[loss.Name[prefix.Length..]].item<float>(), loss.Name);
    }

    public static void Near(double expected, double actual, string what) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-4 * Math.Abs(expected) + 1e-6, $"{what}: {actual} instead of {expected}.");

    /// <summary>Gradients of all parameters, and of all together.</summary>
    public static void CheckGradients(nn.Module model, JsonElement step, GoldenTensors golden, string prefix)
    {
        var parameters = new Dictionary<string, Tensor>();
        foreach (var (name, parameter) in model.named_parameters()) parameters.TryAdd(ModuleFill.Canonical(name), parameter);
        double squares = 0;
        foreach (var expected in step.GetProperty("gradients").EnumerateObject())
        {
            Assert.True(parameters.TryGetValue(expected.Name, out var parameter), $"no parameter {expected.Name}");
            double norm = expected.Value.GetProperty("l2").GetDouble(), sum = expected.Value.GetProperty("sum").GetDouble();
            using var scope = NewDisposeScope();
            var gradient = parameter!.grad;
            double actualNorm = gradient is null ? 0 : Math.Sqrt(gradient.to(ScalarType.Float64).square().sum().item<double>());
            double actualSum = gradient is null ? 0 : gradient.to(ScalarType.Float64).sum().item<double>();
            Assert.True(Math.Abs(actualNorm - norm) <= 1e-3 * norm + 1e-6, $"{expected.Name}: norm of the gradient {actualNorm} instead of {norm}.");
            Assert.True(Math.Abs(actualSum - sum) <= 1e-3 * norm * Math.Sqrt(parameter.numel()) + 1e-6,
                $"{expected.Name}: sum of the gradient {actualSum} instead of {sum}.");
            squares += actualNorm * actualNorm;
            if (golden.Has(prefix + expected.Name)) golden.Check(prefix + expected.Name, gradient!, 1e-3);
        }
        double all = step.GetProperty("gradient_l2_all_parameters").GetDouble();
        Assert.True(Math.Abs(Math.Sqrt(squares) - all) <= 1e-3 * all, $"all gradients: {Math.Sqrt(squares)} instead of {all}.");
    }

    public static byte[][] Planes(GoldenTensors golden, string name)
    {
        long[] values = golden.Integers(name), shape = golden.Shape(name);
        int area = (int)(shape[1] * shape[2]);
        return [.. Enumerable.Range(0, (int)shape[0]).Select(m => Array.ConvertAll(values[(m * area)..((m + 1) * area)], v => (byte)v))];
    }

    public static int[][] Lists(JsonElement lists) => [.. lists.EnumerateArray().Select(l => l.EnumerateArray().Select(v => v.GetInt32()).ToArray())];

    public static Tensor Leaf(Tensor values) => values.detach().clone().requires_grad_();
}
