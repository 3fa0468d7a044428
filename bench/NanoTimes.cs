using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SemanticSam.Engine;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using TorchSharp;

namespace SemanticSam.Bench;

/// <summary>
/// What questions about a photo cost the embedded model: wall clock (fastest and median), processor time (least; says something on a busy machine, too, as
/// long as there is one thread), allocated bytes, and hashes of the masks and of
/// their scores, so that two versions can be compared to the pixel.
/// </summary>
internal static class NanoTimes
{
    private static readonly string[] Others = ["bus", "wheel", "sofa", "bottle", "boat", "airplane", "traffic light", "horse", "laptop", "pizza"];

    /// <summary>Names the model folder that is measured; else the embedded model is.</summary>
    public const string ModelSwitch = "--model";

    /// <summary>Says in which numbers it convolves: see <see cref="ModelPrecision"/>.</summary>
    private const string PrecisionSwitch = "--precision";

    /// <param name="args">Photo, a name that it shows, perhaps calls (15) and threads (all); anywhere <see cref="ModelSwitch"/> with a folder, and a
    /// precision.</param>
    public static void Print(string[] args)
    {
        string? folder = Take(ref args, ModelSwitch), precision = Take(ref args, PrecisionSwitch);
        if (args.Length is < 2 or > 4)
        {
            Console.Error.WriteLine("--nano-times PHOTO NAME [CALLS] [THREADS] [--model FOLDER] [--precision float32]");
            return;
        }
        int calls = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 15;
        if (args.Length > 3) torch.set_num_threads(int.Parse(args[3], CultureInfo.InvariantCulture));
        string there = args[1];
        var image = ImageDecoder.Decode(args[0]);
        var options = new ModelOptions { Precision = precision is null ? ModelPrecision.Automatic : Enum.Parse<ModelPrecision>(precision, ignoreCase: true) };
        using var model = folder is null ? SegmentationModel.Default(options) : SegmentationModel.Load(folder, options);
        using var session = model.Open(image);
        string[] ten = [there, .. Others.Where(n => n != there).Take(9)];
        int shown = session.ExplainNames(ten).Count(n => n.IsPresent == true);
        Console.WriteLine($"{Path.GetFileName(args[0])}, {image.Width} x {image.Height}, {torch.get_num_threads()} threads; ms fastest, median, processor; " +
            $"kB allocated; what was answered");
        Time("open and encode", calls, () =>
        {
            using var opened = model.Open(image);
            return [];
        });
        Time("a click, six levels", calls, () => session.Segment(Prompt.At(image.Width / 2f, image.Height / 2f)));
        Time("a box", calls, () => session.Segment(Prompt.Around(image.Width * 0.2f, image.Height * 0.2f, image.Width * 0.8f, image.Height * 0.8f)));
        Time($"ten names, {shown} of them there", calls, () => session.Segment(Prompt.Named(ten)));
        Time($"{there}", calls, () => session.Segment(Prompt.Named(there)));
        Time("a name that is not there", calls, () => session.Segment(Prompt.Named(ten[1])));
        Time("ten names explained", calls, () =>
        {
            session.ExplainNames(ten);
            return [];
        });
        Time("everything", Math.Max(1, calls / 5), () => session.CollectEverything().GetAwaiter().GetResult());
        Time("a labeled click", calls, () => session.Segment(Prompt.At(image.Width / 2f, image.Height / 2f) with { Names = ten }));
    }

    /// <summary>What stands behind a switch, null where it is not there; the arguments lose both.</summary>
    public static string? Take(ref string[] args, string name)
    {
        int at = Array.IndexOf(args, name);
        if (at < 0 || at + 1 == args.Length) return null;
        string value = args[at + 1];
        args = [.. args[..at], .. args[(at + 2)..]];
        return value;
    }

    private static void Time(string what, int calls, Func<IReadOnlyList<MaskResult>> ask)
    {
        var walls = new List<double>();
        double processor = double.MaxValue;
        long bytes = long.MaxValue;
        var answer = ask();
        for (int i = 0; i < calls; i++)
        {
            long before = GC.GetTotalAllocatedBytes();
            var (usage, watch) = (Environment.CpuUsage, Stopwatch.StartNew());
            answer = ask();
            walls.Add(watch.Elapsed.TotalMilliseconds);
            processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - usage.TotalTime).TotalMilliseconds);
            bytes = Math.Min(bytes, GC.GetTotalAllocatedBytes() - before);
        }
        walls.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {what,-34} {walls[0],8:f1} {walls[walls.Count / 2],8:f1} {processor,8:f1} {bytes / 1024,8}  " +
            $"{answer.Count} masks {HashOf(answer, scores: false)} {HashOf(answer, scores: true)}"));
    }

    /// <summary>Of the masks to the pixel, or of their scores to three digits.</summary>
    private static string HashOf(IReadOnlyList<MaskResult> masks, bool scores)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var m in masks)
        {
            if (!scores) hash.AppendData(MemoryMarshal.AsBytes(m.Mask.Counts));
            else
                hash.AppendData(MemoryMarshal.AsBytes(FormattableString.Invariant(
                    $"{m.PredictedIou:f3} {m.StabilityScore:f3} {m.Level} {m.Whole?.Label} {m.Whole?.Score:f3} {m.Part?.Label} {m.Part?.Score:f3} {m.Parent}")
                        .AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..8];
    }
}
