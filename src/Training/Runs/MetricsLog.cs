using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Training.Runs;

/// <summary>metrics.jsonl: one line of JSON every so many steps, added to what an interrupted run left.</summary>
internal static class MetricsLog
{
    /// <summary>Name of the file in the output folder.</summary>
    public const string File = "metrics.jsonl";

    private const int Digits = 6, LongestLine = 1 << 20;

    /// <summary>Adds a line.</summary>
    public static void Append(string folder, TrainingProgress progress)
    {
        var line = new Dictionary<string, double> { ["rate"] = progress.Rate, ["seconds_per_step"] = progress.SecondsPerStep };
        foreach (var (name, value) in progress.Metrics!) line[name] = value;
        Append(folder, progress.Step, line.Where(p => double.IsFinite(p.Value))
            .ToDictionary(p => p.Key, p => p.Key == "rate" ? p.Value : Math.Round(p.Value, Digits)));
    }

    /// <summary>Adds a line of a step's numbers as they are.</summary>
    /// <exception cref="CannotWriteException">It cannot be written.</exception>
    public static void Append(string folder, long step, IReadOnlyDictionary<string, double> numbers)
    {
        var line = new Dictionary<string, double> { ["step"] = step };
        foreach (var (name, value) in numbers)
            if (double.IsFinite(value)) line[name] = value; // JSON has no other numbers
        string path = Path.Combine(folder, File);
        try
        {
            using var file = RegularFile.OpenGrowing(path, FileAccess.Write);
            file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line), (byte)'\n']);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = e is DirectoryNotFoundException ? "its folder was removed meanwhile" : e.Message.TrimEnd('.');
            throw new CannotWriteException($"{path}: cannot be written ({why}).", e);
        }
    }

    /// <summary>Drops lines of steps after <paramref name="step"/>, which a run that goes on from there will write again.</summary>
    public static void CutAfter(string folder, long step)
    {
        string path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path)) return;
        AtomicFile.Write(path, 0, stream =>
        {
            using var text = new StreamWriter(stream, leaveOpen: true);
            foreach (string line in Lines(folder))
                if (IsUpTo(line, step)) text.Write(line + "\n");
        });
    }

    /// <summary>The lines that there are; those that are longer than any of ours are passed over.</summary>
    /// <exception cref="IOException">The file is no regular file, or cannot be read.</exception>
    public static IEnumerable<string> Lines(string folder)
    {
        string path = Path.Combine(folder, File);
        if (!System.IO.File.Exists(path)) yield break;
        using var text = new StreamReader(RegularFile.OpenRead(path));
        foreach (string? line in BoundedLines.Read(text, LongestLine))
            if (line is not null) yield return line;
    }

    /// <summary>The numbers of a line; null for one that was cut off when a run was killed, and for what no run wrote.</summary>
    public static IReadOnlyDictionary<string, double>? TryRead(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, double>>(line) is { } numbers && numbers.Values.All(double.IsFinite) ? numbers : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the second for a name that is no Unicode
        {
            return null;
        }
    }

    private static bool IsUpTo(string line, long step) =>
        TryRead(line) is { } numbers && numbers.TryGetValue("step", out double at) && at >= 0 && at <= step && at == Math.Floor(at);
}
