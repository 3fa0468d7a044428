using System.Diagnostics;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Bench;

/// <summary>Chains of operators as the models use them; chains.py has the same ones. Median seconds of each.</summary>
internal static class OperatorChains
{
    private const double SecondsEach = 1.0;

    public static void Print()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        manual_seed(0);
        if (int.TryParse(Environment.GetEnvironmentVariable("SEMSAM_THREADS"), out int threads)) set_num_threads(threads);
        string? only = Environment.GetEnvironmentVariable("SEMSAM_CHAIN"); // for profiling one
        var figures = Chains().Where(c => only is null || c.Name == only).ToDictionary(c => c.Name, c => Median(c.Run));
        Console.WriteLine(JsonSerializer.Serialize(figures));
    }

    private static double Median(Action run)
    {
        run();
        var times = new List<double>();
        long end = Stopwatch.GetTimestamp() + (long)(SecondsEach * Stopwatch.Frequency);
        while (times.Count < 5 || Stopwatch.GetTimestamp() < end)
        {
            long start = Stopwatch.GetTimestamp();
            using (NewDisposeScope()) run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        times.Sort();
        return times[times.Count / 2];
    }

    private static IEnumerable<(string Name, Action Run)> Chains()
    {
        Tensor x = randn(4096, 256), w1 = randn(1024, 256), b1 = randn(1024), w2 = randn(256, 1024), b2 = randn(256), g = randn(256);
        yield return ("feed forward", () => F.linear(F.gelu(F.linear(x, w1, b1)), w2, b2));
        yield return ("layer norm", () => F.layer_norm(x + x, [256], g, b2));

        Tensor q = randn(196, 49, 32), k = randn(196, 49, 32), v = randn(196, 49, 32), bias = randn(1, 49, 49);
        yield return ("window attention", () => F.softmax((q * 0.1768).bmm(k.transpose(1, 2)) + bias, -1).bmm(v));

        Tensor map = randn(1, 128, 80, 80), kernel = randn(128, 128, 3, 3), scale = randn(128), shift = randn(128);
        yield return ("convolution", () => F.relu(F.group_norm(F.conv2d(map, kernel, null, [1, 1], [1, 1]), 32, scale, shift)));

        Tensor values = randn(8, 32, 60, 80), grid = (rand(8, 4800, 4, 2) * 2) - 1, weights = rand(8, 1, 4800, 4);
        yield return ("sampling", () => (F.grid_sample(values, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, false) * weights).sum(-1L));

        Tensor small = randn(8, 8);
        yield return ("two hundred small", () =>
        {
            Tensor t = small;
            for (int i = 0; i < 50; i++) t = ((t + small) * 0.5).transpose(0, 1).contiguous();
        });

        Tensor masks = randn(1, 12, 120, 160);
        yield return ("mask upsampling", () => (F.interpolate(masks, size: [480, 640], mode: InterpolationMode.Bilinear, align_corners: false) > 0).to(ScalarType.Byte));
    }
}
