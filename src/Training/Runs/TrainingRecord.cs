using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Formats;
using SemanticSam.Foundation;

namespace SemanticSam.Training.Runs;

/// <summary>
/// What a model card has to say about a training, written beside the weights: settings, the data with its licenses and hash, hours and
/// machines. The images are listed in a file of their own.
/// </summary>
internal sealed record TrainingRecord
{
    /// <summary>Name of the file in the output folder.</summary>
    public const string File = "training.json";

    /// <summary>Name of the list of images: one a line, with the SHA-256 of its file.</summary>
    public const string ImageList = "training-images.txt";

    /// <summary>Which recipe was followed.</summary>
    public required string Recipe { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Program { get; init; }

    /// <summary>The settings that decide the result.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>SHA-256 of files that went in, such as the backbone's weights, by what they are.</summary>
    public required IReadOnlyDictionary<string, string> Sources { get; init; }

    /// <summary>Images learned from.</summary>
    public required int Images { get; init; }

    /// <summary>Annotations learned from.</summary>
    public required int Annotations { get; init; }

    /// <summary>SHA-256 over names, files and annotations, in the order of the names.</summary>
    public required string DataSha256 { get; init; }

    /// <summary>Where the images are from, and under which terms.</summary>
    public required IReadOnlyList<SourceTerms> Licenses { get; init; }

    /// <summary>Steps done.</summary>
    public long Steps { get; init; }

    /// <summary>Hours that they took, from the metrics; of steps whose metrics are gone nothing is known.</summary>
    public double Hours { get; init; }

    /// <summary>The machines that did them, in the order of their turns.</summary>
    public IReadOnlyList<string> Machines { get; init; } = [];

    /// <summary>Terms of one source.</summary>
    /// <param name="Source">Its name.</param>
    /// <param name="License">Its license class.</param>
    /// <param name="Statement">What it says itself; null where nothing is known.</param>
    /// <param name="Images">Images from it.</param>
    internal sealed record SourceTerms(string Source, string License, string? Statement, int Images);

    /// <summary>Looks at the data; every image file is read once.</summary>
    /// <param name="recipe">Which recipe is followed.</param>
    /// <param name="settings">What decides the result.</param>
    /// <param name="sources">SHA-256 of files that go in, by what they are.</param>
    /// <param name="data">The images.</param>
    /// <returns>The record, and the list of images.</returns>
    public static (TrainingRecord Record, string ImageList) Of(string recipe, IReadOnlyDictionary<string, string> settings,
        IReadOnlyDictionary<string, string> sources, IReadOnlyList<AnnotatedImage> data)
    {
        var list = new StringBuilder();
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        string dataHash = HashOf(data, image =>
        {
            if (!hashes.TryGetValue(image.FileName, out string? content))
                list.Append($"{image.FileName}\t{hashes[image.FileName] = content = FileHash.Sha256(image.Path!)}\n");
            return content;
        });
        var record = new TrainingRecord
        {
            Recipe = recipe, Program = typeof(TrainingRecord).Assembly.GetName().Version?.ToString(3) ?? "", Settings = settings,
            Sources = sources,
            Images = hashes.Count, Annotations = data.Sum(i => i.Annotations.Count), DataSha256 = dataHash,
            Licenses = [.. data.GroupBy(i => (Source: i.Source ?? i.License?.Source ?? "not stated", License: i.License?.Name ?? "not stated",
                i.License?.Statement))
                .Select(g => new SourceTerms(g.Key.Source, g.Key.License, g.Key.Statement, g.DistinctBy(i => i.FileName).Count()))
                    .OrderBy(s => s.Source, StringComparer.Ordinal)],
        };
        return (record, list.ToString());
    }

    /// <summary>SHA-256 over names, files and annotations, in the order of the names.</summary>
    /// <param name="data">The images.</param>
    /// <param name="contentOf">Hash of an image's file, or nothing where that is not to count.</param>
    public static string HashOf(IEnumerable<AnnotatedImage> data, Func<AnnotatedImage, string> contentOf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var image in data.OrderBy(i => i.FileName, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{image.FileName}\t{contentOf(image)}\n"));
            foreach (var a in image.Annotations)
                hash.AppendData(Encoding.UTF8.GetBytes($"{a.Role}\t{a.FullName}\t{a.IsWeak}\t{a.Kind}\t{a.Mask.ToCompressedString()}\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Writes the record as it is after some steps; machines of an earlier turn stay.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="steps">Steps done.</param>
    /// <param name="device">Where they were computed.</param>
    public void Write(string folder, long steps, string device)
    {
        string path = Path.Combine(folder, File), machine = Machine(device);
        var now = this with { Steps = steps, Hours = Math.Round(HoursOf(folder), 3), Machines = [.. MachinesOf(path).Append(machine).Distinct()] };
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(now, JsonSettings.WithoutNull) + "\n"));
    }

    private static IReadOnlyList<string> MachinesOf(string path) => Parse<Earlier>(path)?.Machines ?? [];

    /// <summary>What the record in a folder says of the data; null where there is none that can be read.</summary>
    public static Begun? TryRead(string folder) =>
        Parse<Begun>(Path.Combine(folder, File)) is { DataSha256: not null, Sources: not null } record ? record : null;

    /// <summary>What this one says of the data.</summary>
    [JsonIgnore]
    public Begun Data => new(Images, Annotations, DataSha256, Sources);

    private static T? Parse<T>(string path) where T : class
    {
        try
        {
            return System.IO.File.Exists(path)
                ? JsonSerializer.Deserialize<T>(RegularFile.ReadAllText(path, RegularFile.LargestText), JsonSettings.WithoutNull) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // somebody's own file of that name, which is replaced
        }
    }

    /// <summary>Hours that the steps in a folder's metrics took: each line says how long those since the line before needed.</summary>
    public static double HoursOf(string folder)
    {
        double seconds = 0;
        foreach (string line in MetricsLog.Lines(folder))
            if (MetricsLog.TryRead(line) is { } metrics && SecondsOf(metrics) is >= 0 and <= MostSeconds and var some)
                seconds = Math.Min(seconds + some, MostSeconds);
        return seconds / 3600;
    }

    /// <summary>31 years: what says more was written by nobody, and times that are added up have to stay times.</summary>
    private const double MostSeconds = 1e9;

    private static double? SecondsOf(IReadOnlyDictionary<string, double> metrics) =>
        metrics.TryGetValue("seconds", out double seconds) ? seconds
        : metrics.TryGetValue("pictures_a_second", out double speed) && speed > 0 ? OldLogEvery * OldBatch / speed : null;

    // Lines of the first runs have no seconds; they were written every 20 steps of 8 images.
    private const double OldLogEvery = 20, OldBatch = 8;

    private static string Machine(string device)
    {
        string processor = "unknown processor";
        if (System.IO.File.Exists("/proc/cpuinfo"))
            processor = System.IO.File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':',
                2)[1].Trim() ?? processor;
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        return $"{device}: {processor}, {Environment.ProcessorCount} threads, {memory} GiB, {RuntimeInformation.OSDescription}";
    }

    /// <summary>What was learned from.</summary>
    /// <param name="Images">Images.</param>
    /// <param name="Annotations">Annotations on them.</param>
    /// <param name="DataSha256">As <see cref="TrainingRecord.DataSha256"/>.</param>
    /// <param name="Sources">As <see cref="TrainingRecord.Sources"/>.</param>
    internal sealed record Begun(int Images, int Annotations, string DataSha256, IReadOnlyDictionary<string, string> Sources);

    private sealed record Earlier([property: JsonPropertyName("machines")] IReadOnlyList<string>? Machines);
}
