using System.Text;
using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Training.Runs;

/// <summary>metrics.jsonl: one line of JSON every so many steps, added to what an interrupted run left.</summary>
internal static class MetricsLog
{
    /// <summary>Name of the file in the output folder.</summary>
    public const string File = "metrics.jsonl";

    private const int Digits = 6;

    /// <summary>Adds a line.</summary>
    public static void Append(string folder, TrainingProgress progress)
    {
        var line = new Dictionary<string, double> { ["step"] = progress.Step, ["rate"] = progress.Rate, ["seconds_per_step"] = progress.SecondsPerStep };
        foreach (var (name, value) in progress.Metrics!) line[name] = value;
        var rounded = line.Where(p => double.IsFinite(p.Value)).ToDictionary(p => p.Key, p => p.Key == "rate" ? p.Value : Math.Round(p.Value, Digits));
        System.IO.File.AppendAllText(Path.Combine(folder, File), JsonSerializer.Serialize(rounded) + "\n");
    }

    /// <summary>Drops lines of steps after <paramref name="step"/>, which a run that goes on from there will write again.</summary>
    public static void CutAfter(string folder, long step)
    {
        string path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path)) return;
        string[] kept = [.. System.IO.File.ReadAllLines(path).Where(line => IsUpTo(line, step))];
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(string.Concat(kept.Select(line => line + "\n")))); // what was measured is not lost to a full disk
    }

    /// <summary>The numbers of a line; null for one that was cut off.</summary>
    public static IReadOnlyDictionary<string, double>? TryRead(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, double>>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsUpTo(string line, long step)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.TryGetProperty("step", out var value) && value.TryGetInt64(out long at) && at <= step;
        }
        catch (JsonException)
        {
            return false; // cut off when the run was killed
        }
    }
}
