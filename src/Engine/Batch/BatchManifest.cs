using System.Text.Json;
using System.Text.Json.Nodes;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>
/// What a folder of results is: which program, model, options and input gave it. It holds no time and nothing of the machine but the input's
/// root, so that the same batch gives the same manifest.
/// </summary>
internal sealed record BatchManifest
{
    private const string ThisFormat = "semsam-batch 2";

    /// <summary>Kind of file: "semsam-batch 2".</summary>
    public string Format { get; init; } = ThisFormat;

    /// <summary>Version of the program.</summary>
    public string Version { get; init; } = typeof(BatchManifest).Assembly.GetName().Version!.ToString(3);

    /// <summary>The model.</summary>
    public required BatchModel Model { get; init; }

    /// <summary>What all images are asked, as the caller describes it.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>The input.</summary>
    public required BatchSource Input { get; init; }

    /// <summary>"2/4"; null for the whole batch.</summary>
    public string? Shard { get; init; }

    /// <summary>"running" until every item has been tried, then "complete".</summary>
    public string State { get; init; } = Running;

    /// <summary>How many; as of the end of the last run.</summary>
    public BatchCounts Counts { get; init; }

    /// <summary>Bytes of the file: options and names of a question.</summary>
    private const long LargestFile = 16 << 20;

    internal const string Running = "running", Complete = "complete", Overlays = "overlays";

    /// <summary>Whether results have overlays.</summary>
    internal bool HasOverlays => Options[Overlays] is JsonValue value && value.TryGetValue(out bool has) && has;

    internal Shard Part => Shard is null ? Batch.Shard.Whole : Batch.Shard.Parse(Shard);

    internal byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, JsonSettings.Indented), (byte)'\n'];

    /// <exception cref="BatchException">The file is missing or damaged.</exception>
    internal static BatchManifest Read(string path)
    {
        try
        {
            byte[] content = RegularFile.ReadAllBytes(path, LargestFile);
            // First of all: a manifest of another version may have other members.
            if (JsonSerializer.Deserialize<Header>(content, JsonSettings.Indented)?.Format is { } format && format != ThisFormat)
                throw new BatchException(BatchError.Damaged, $"{path} is '{format}', which this version does not read.");
            // The question is kept as it stands and looked into later: a key that stands twice in it, or a text that is none, has to be found here.
            using (var whole = JsonDocument.Parse(content, new() { AllowDuplicateProperties = false })) RequireTexts(whole.RootElement);
            var manifest = JsonSerializer.Deserialize<BatchManifest>(content, JsonSettings.Strict) ?? throw new JsonException("it is empty");
            _ = manifest.Part;
            foreach (string hash in new[] { manifest.Model.Sha256, manifest.Input.Sha256 })
                if (hash.Length != 64) throw new FormatException($"'{hash}' is not a SHA-256.");
            if (manifest.Options.TryGetPropertyValue(Overlays, out var has) && has?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
                throw new FormatException($"the entry 'options.{Overlays}' has to be true or false");
            return manifest;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BatchException(BatchError.NoBatch, $"there is no {path}: that folder holds no batch.");
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            string why = e is JsonException json ? JsonMessage.Of(json)
                : e is InvalidOperationException ? "a text in it is no valid Unicode (half a surrogate pair)" : e.Message.TrimEnd('.');
            throw new BatchException(BatchError.Damaged, $"{path} cannot be read: {why}.", e);
        }
    }

    private sealed record Header(string? Format);

    /// <summary>Half a surrogate pair is valid JSON, and no text: it can neither be compared nor written again.</summary>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    private static void RequireTexts(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var member in value.EnumerateObject()) RequireTexts(member.Value); // names were looked at when keys were compared
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray()) RequireTexts(item);
        else if (value.ValueKind == JsonValueKind.String) _ = value.GetString();
    }

    /// <summary>In what two batches differ, in words; empty when they are the same but for shard, root and counts.</summary>
    /// <param name="other">The other.</param>
    /// <param name="here">What this one is called in the words.</param>
    /// <param name="there">What the other is called.</param>
    internal IReadOnlyList<string> DifferencesFrom(BatchManifest other, string here, string there)
    {
        var found = new List<string>();
        void Compare(string what, string? mine, string? others)
        {
            if (mine != others) found.Add($"{what} {mine ?? "none"} {here}, {others ?? "none"} {there}");
        }
        Compare("version", Version, other.Version);
        Compare("model", $"{Model.Name} ({Model.Sha256})", $"{other.Model.Name} ({other.Model.Sha256})");
        CompareMembers("", Options, other.Options, Compare);
        if (Input.Sha256 != other.Input.Sha256)
            found.Add($"input {Input.Count} items ({Input.Sha256[..12]}) {here}, {other.Input.Count} items ({other.Input.Sha256[..12]}) {there}");
        return found;
    }

    /// <summary>Member by member, so that the words name the one that differs: "everything.points_per_side".</summary>
    private static void CompareMembers(string prefix, JsonObject mine, JsonObject others, Action<string, string?, string?> compare)
    {
        foreach (string name in mine.Select(o => o.Key).Union(others.Select(o => o.Key)))
        {
            if (mine[name] is JsonObject a && others[name] is JsonObject b) CompareMembers($"{prefix}{name}.", a, b, compare);
            else compare(prefix + name, mine[name]?.ToJsonString(JsonSettings.OneLine), others[name]?.ToJsonString(JsonSettings.OneLine));
        }
    }
}

/// <summary>A batch's model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">SHA-256 of its weights.</param>
internal sealed record BatchModel(string Name, string Sha256);

/// <summary>A batch's input.</summary>
/// <param name="Root">Folder that images are relative to.</param>
/// <param name="Count">Items, those of other shards included.</param>
/// <param name="Sha256">SHA-256 of inputs.jsonl: of names and prompts, not of the images' content.</param>
internal sealed record BatchSource(string Root, int Count, string Sha256);

/// <summary>How many items.</summary>
/// <param name="Assigned">Of this folder: all, or those of its shard.</param>
/// <param name="Done">With a result.</param>
/// <param name="Failed">With an error line.</param>
internal readonly record struct BatchCounts(int Assigned, int Done, int Failed);
