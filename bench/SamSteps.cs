using System.Diagnostics;
using System.Globalization;
using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Bench;

/// <summary>
/// Time of the steps of SAM's decoder, least of several runs, random weights. Processor time says something on a busy machine, too, as long
/// as there is one thread (OMP_NUM_THREADS=1): those that wait for others spin, and that counts.
/// </summary>
internal static class SamSteps
{
    /// <param name="args">Numbers of prompts; 1, 16 and 64 if there are none.</param>
    public static void Print(string[] args)
    {
        using var still = no_grad();
        using var model = SamWork.Model("mobile-sam", CPU);
        var size = new PixelSize(1024, 1024);
        int[] counts = args.Length > 0 ? [.. args.Select(a => int.Parse(a, CultureInfo.InvariantCulture))] : [1, 16, 64];
        foreach (int count in counts)
        {
            using var scope = NewDisposeScope();
            using var image = new SamFeatures(randn(1, 256, 64, 64), size, size);
            var prompts = new SamPrompts { Points = rand(count, 1, 2) * 1024, Labels = ones([count, 1], ScalarType.Int64) };
            int runs = Math.Max(3, 24 / count);
            Console.WriteLine($"{count} prompts, {get_num_threads()} threads, milliseconds: wall, processor, of which in the system");
            Time("position codes of the grid", runs, () => model.PromptEncoder.DensePosition().Dispose());
            Time("prompt encoder", runs, () => model.PromptEncoder.forward(prompts.Points, prompts.Labels));
            Time("transformer and predicted IoU", runs, () => model.Attend(image, prompts).Dispose());
            using var tokens = model.Attend(image, prompts);
            int[] all = [.. Enumerable.Range(0, count)];
            Time("upscaling and masks", runs, () => model.Draw(tokens, all, multimask: true).Dispose());
            Time("all of it", runs, () => model.Predict(image, prompts).Dispose());
        }
    }

    private static void Time(string what, int runs, Action run)
    {
        var (wall, processor, system) = (TimeSpan.MaxValue, TimeSpan.MaxValue, TimeSpan.Zero);
        for (int i = 0; i <= runs; i++)
        {
            using var scope = NewDisposeScope();
            var (before, watch) = (Environment.CpuUsage, Stopwatch.StartNew());
            run();
            var (after, passed) = (Environment.CpuUsage, watch.Elapsed);
            if (i == 0) continue;
            if (passed < wall) wall = passed;
            if (after.TotalTime - before.TotalTime < processor)
                (processor, system) = (after.TotalTime - before.TotalTime, after.PrivilegedTime - before.PrivilegedTime);
        }
        Console.WriteLine(
            FormattableString.Invariant($"  {what,-32} {wall.TotalMilliseconds,10:f1} {processor.TotalMilliseconds,10:f1} {system.TotalMilliseconds,6:f1}"));
    }
}
