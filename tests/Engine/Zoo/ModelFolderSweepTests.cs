using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SemanticSam.Engine;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.Imaging;
using SemanticSam.Tests.Engine.Batch;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Engine.Zoo;

/// <summary>
/// Every entry of a model folder's JSON files with every value that it must not have: either the folder is refused, as a fault of the model and by its file,
/// or the model answers.
/// </summary>
public sealed partial class ModelFolderSweepTests : IDisposable
{
    private static readonly string[] Values =
    [
        "null", "-1", "0", "3", "1000000000", "1e308", "-1e39", "\"x\"", "\"\"", "true", "[]", "{}", "[null]", "[1, 2]", "[{}]", "1e-320",
        "9223372036854775808", "[[[[[[[[1]]]]]]]]", "{\"x\": {\"x\": {\"x\": 1}}}",
    ];

    private static readonly string[] Explained =
    [
        ".safetensors", "belong together", "is not known", "sentence embeddings", "has null", "the entry '", "the entries '", "an entry", "of the heads",
        "output_width",
    ];

    /// <summary>Words of .NET, of its parser and of libtorch, which say nothing to who reads a message.</summary>
    [GeneratedRegex(@"System\.|\.NET\b|LineNumber|BytePosition|Path: \$|JsonValueKind|could not be (mapped|converted)|Exception|Object reference|Parameter '|"
        + @"Nullable|Int32|Int64|Single\b|Boolean|index was out|Value cannot be null|is an invalid|Stack|c10|torch::", RegexOptions.IgnoreCase)]
    private static partial Regex Jargon();

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Model(string family)
    {
        string folder = _folder.File("model");
        if (family == "nano") TinyNano.Lay(folder);
        else
        {
            Directory.CreateDirectory(folder);
            foreach (string file in Directory.GetFiles(Fixtures.SmallSemanticSam)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        return folder;
    }

    /// <summary>Ways to all values of a document; of lists the first two members.</summary>
    private static IEnumerable<object[]> Ways(JsonNode? node, object[] way)
    {
        if (way.Length > 0) yield return way;
        var below = node switch
        {
            JsonObject o => o.Select(p => Ways(p.Value, [.. way, p.Key])),
            JsonArray a => a.Take(2).Select((v, i) => Ways(v, [.. way, i])),
            _ => [],
        };
        foreach (object[] further in below.SelectMany(w => w)) yield return further;
    }

    private static string Changed(string json, object[] way, string? value)
    {
        JsonNode root = JsonNode.Parse(json)!, at = root;
        foreach (object key in way[..^1]) at = key is string name ? at[name]! : at[(int)key]!;
        if (value is null) (at as JsonObject)?.Remove((string)way[^1]);
        else if (way[^1] is string last) at[last] = JsonNode.Parse(value);
        else at[(int)way[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }

    [Theory]
    [InlineData("nano", 97)]
    [InlineData("semantic-sam", 97)]
    public void Entry_OfAnyWrongValue_IsRefusedOrAnswers(string family, int each) => Sweep(family, each);

    [Theory]
    [InlineData("nano")]
    [InlineData("semantic-sam")]
    [Trait("Category", "Slow")]
    public void Entry_OfAnyWrongValue_IsRefusedOrAnswers_Slow(string family) => Sweep(family, 1);

    private void Sweep(string family, int each)
    {
        string folder = Model(family);
        var image = BatchImages.Make(1);
        var wrong = new List<string>();
        int at = 0, tried = 0;
        foreach (string file in Directory.GetFiles(folder, "*.json").Where(f => Path.GetFileName(f) != "vocab.json").Order(StringComparer.Ordinal))
        {
            string json = File.ReadAllText(file), name = Path.GetFileName(file);
            foreach (object[] way in Ways(JsonNode.Parse(json), []))
                foreach (string? value in (string?[])[.. Values, .. way[^1] is string ? [null] : Array.Empty<string?>()])
                {
                    if (at++ % each != 0) continue;
                    tried++;
                    File.WriteAllText(file, Changed(json, way, value));
                    if (Fault(folder, image, way[^1] as string) is { } fault) wrong.Add($"{name}: {string.Join('.', way)} = {value ?? "(missing)"}: {fault}");
                }
            File.WriteAllText(file, json);
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tried}: {string.Join("\n", wrong.Take(60))}");
        Assert.True(tried > 4, $"{tried}");
    }

    /// <summary>Files that are cut off, exchanged, empty, missing, or no files: each is refused by its name, at once.</summary>
    [Theory]
    [InlineData("nano")]
    [InlineData("semantic-sam")]
    [Trait("Category", "Slow")]
    public void File_ThatIsNone_IsRefused_Slow(string family)
    {
        string folder = Model(family);
        var image = BatchImages.Make(1);
        var wrong = new List<string>();
        Assert.Null(Fault(folder, image, null)); // as it is; and what the first model of a process takes is not measured below
        string[] files = [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)];
        foreach (string file in files)
        {
            byte[] whole = File.ReadAllBytes(file);
            string name = Path.GetFileName(file);
            foreach (int length in (int[])[0, 1, 7, 8, 100, whole.Length / 2, whole.Length - 1])
                Try($"cut to {length}", () => File.WriteAllBytes(file, whole[..Math.Min(length, whole.Length)]));
            foreach (string other in files.Where(f => f != file)) Try($"is {Path.GetFileName(other)}", () => File.Copy(other, file));
            Try("missing", () => { });
            Try("a folder", () => Directory.CreateDirectory(file));
            Try("a link to nowhere", () => File.CreateSymbolicLink(file, "nowhere"));
            Try("a link to itself", () => File.CreateSymbolicLink(file, name));
            Try("zeros", () => File.WriteAllBytes(file, new byte[whole.Length]));
            Try("noise", () =>
            {
                var noise = new byte[5000];
                new Random(1).NextBytes(noise);
                File.WriteAllBytes(file, noise);
            });
            if (OperatingSystem.IsLinux())
            {
                Try("a device", () => File.CreateSymbolicLink(file, "/dev/zero"));
                Try("a pipe", () => Process.Start("mkfifo", [file]).WaitForExit());
            }
            if (name.EndsWith(".json"))
            {
                string text = File.Exists(file) ? File.ReadAllText(file) : System.Text.Encoding.UTF8.GetString(whole);
                Try("NaN", () => File.WriteAllText(file, new Regex("\\d+(\\.\\d+)?").Replace(text, "NaN", 1)));
                Try("every key twice", () => File.WriteAllText(file, text.TrimEnd()[..^1] + "," + text.TrimStart()[1..]));
                Try("nested", () => File.WriteAllText(file, new string('[', 100_000)));
                Try("UTF-16", () => File.WriteAllText(file, text, System.Text.Encoding.Unicode));
            }
            File.WriteAllBytes(file, whole);

            void Try(string what, Action lay)
            {
                if (Directory.Exists(file)) Directory.Delete(file);
                File.Delete(file);
                lay();
                long before = GC.GetTotalAllocatedBytes();
                var clock = Stopwatch.StartNew();
                string? fault = Fault(folder, image, null);
                if (clock.Elapsed.TotalSeconds > 10) fault ??= $"it takes {clock.Elapsed.TotalSeconds:f0} s";
                if (GC.GetTotalAllocatedBytes() - before > 1L << 30) fault ??= $"it allocates {(GC.GetTotalAllocatedBytes() - before) >> 20} MB";
                if (fault is not null) wrong.Add($"{name} {what}: {fault}");
                if (Directory.Exists(file)) Directory.Delete(file);
                File.Delete(file);
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count}: {string.Join("\n", wrong.Take(80))}");
    }

    /// <summary>What is wrong with a message: it has to be one line without jargon, which names a file, and an entry where there is one.</summary>
    private static string? Fault(CheckpointException e, string folder, string? entry)
    {
        string message = e.Message;
        if (message.AsSpan().IndexOfAny('\r', '\n') >= 0) return $"several lines: {message}";
        if (message.Length > 1500) return $"{message.Length} characters: {message[..200]}";
        if (Jargon().Match(message.Replace(folder, "")) is { Success: true } word) return $"'{word.Value}' in: {message}";
        if (!message.Contains(".json") && !message.Contains(".safetensors") && !message.Contains(".txt") && !message.Contains(entry ?? "\n"))
            return $"neither file nor entry in: {message}";
        // Sizes that contradict each other are said as such; an entry inside the one that was put there may be what is wrong.
        return entry is null || message.Contains(entry) || message.Replace('_', ' ').Contains(entry.Replace('_', ' '), StringComparison.OrdinalIgnoreCase)
            || Explained.Any(message.Contains) ? null : $"no {entry} in: {message}";
    }

    private static string? Fault(string folder, RgbImage image, string? entry)
    {
        SegmentationModel model;
        try
        {
            model = SegmentationModel.Load(folder);
        }
        catch (CheckpointException e)
        {
            return Fault(e, folder, entry);
        }
        catch (Exception e)
        {
            return $"loading: {e.GetType().Name} {e.Message}";
        }
        using (model)
        {
            try
            {
                using var session = model.Open(image);
                foreach (var prompt in (Prompt[])[Prompt.At(20, 20), Prompt.Around(5, 5, 40, 30), Prompt.Named("car", "wheel of car", "sky")])
                    foreach (var result in session.Segment(prompt))
                        if (!float.IsFinite(result.PredictedIou)) return "an answer that is no number";
                session.SegmentEverything(new() { PointsPerSide = 2 });
                return null;
            }
            catch (Exception e)
            {
                return $"answering: {e.GetType().Name} {e.Message}";
            }
        }
    }
}
