using System.Globalization;
using SemanticSam.Engine;
using SemanticSam.Imaging;

namespace SemanticSam.Bench;

/// <summary>Peak memory of everything mode, from the system (VmHWM of /proc/self/status, set back before each step). Linux only.</summary>
internal static class EverythingMemory
{
    /// <param name="arguments">Image, "nano" or a checkpoint, megabytes for <see cref="EverythingOptions.MaxMemory"/>, clicks a side; perhaps predicted IoU and
    /// stability thresholds.</param>
    public static async Task Print(string[] arguments)
    {
        if (arguments.Length is not (4 or 6))
        {
            Console.Error.WriteLine("--everything-memory IMAGE nano|CHECKPOINT MEGABYTES CLICKS-A-SIDE [IOU STABILITY]");
            return;
        }
        using var model = arguments[1] == "nano" ? SegmentationModel.Default() : SegmentationModel.LoadCheckpoint(arguments[1]);
        Say("model");
        var image = ImageDecoder.Decode(arguments[0]);
        Say($"image {image.Width} x {image.Height}");
        using var session = model.Open(image);
        Say("encoded");
        session.Segment(Prompt.At(image.Width / 2f, image.Height / 2f));
        Say("one click");
        var options = new EverythingOptions
        {
            MaxMemory = long.Parse(arguments[2], CultureInfo.InvariantCulture) << 20, PointsPerSide = int.Parse(arguments[3], CultureInfo.InvariantCulture),
        };
        if (arguments.Length == 6)
            options = options with
            {
                PredictedIouThreshold = double.Parse(arguments[4], CultureInfo.InvariantCulture),
                StabilityThreshold = double.Parse(arguments[5], CultureInfo.InvariantCulture),
            };
        int candidates = 0, decided = 0;
        long runs = 0;
        await foreach (var step in session.FollowEverything(options))
        {
            candidates += step.Candidates.Count;
            decided += step.Decided.Count;
            runs += step.Candidates.Sum(c => (long)c.Mask.Counts.Length);
        }
        Say($"everything: {candidates} candidates of {runs} runs, {decided} masks");
    }

    private static void Say(string step)
    {
        Console.WriteLine($"{step,-60} peak {Kilobytes("VmHWM") / 1024,6} MB, then {Kilobytes("VmRSS") / 1024,6} MB");
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    private static long Kilobytes(string entry) =>
        long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith(entry, StringComparison.Ordinal)).Split(':')[1]
            .Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
