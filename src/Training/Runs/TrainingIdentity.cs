using System.Text.Encodings.Web;
using System.Text.Json;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Foundation;

namespace SemanticSam.Training.Runs;

/// <summary>
/// What a training was begun with and what its weights mean something by: it is kept in the state, and whoever goes on has to give the same. What only one of
/// two states says is not compared, so that states of versions which said less can still be gone on with.
/// </summary>
/// <param name="entries">Names for a person, with values; what is to be said first stands first.</param>
internal sealed class TrainingIdentity(IEnumerable<(string Name, string Value)> entries)
{
    /// <summary>In the metadata of a state.</summary>
    public const string Key = "begun_with";

    private const int MostTold = 3, HashDigits = 64, ShownDigits = 12;

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly OrderedDictionary<string, string> _entries = new(entries.Select(e => KeyValuePair.Create(e.Name, e.Value)), StringComparer.Ordinal);

    /// <summary>Nothing is known.</summary>
    public static TrainingIdentity None { get; } = new([]);

    /// <summary>As it is kept.</summary>
    public string ToJson() => JsonSerializer.Serialize(_entries, Readable);

    /// <summary>What a state says; null where it says nothing, as those of earlier versions.</summary>
    /// <exception cref="CheckpointException">What it says cannot be read.</exception>
    public static TrainingIdentity? Of(ICheckpoint state)
    {
        if (!state.Metadata.TryGetValue(Key, out string? json)) return null;
        try
        {
            var entries = JsonSerializer.Deserialize<OrderedDictionary<string, string>>(json) ?? throw new JsonException("it is null");
            return new(entries.Select(e => (e.Key, e.Value ?? "")));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(state.Path, $"it is not the state of a training: '{Key}' cannot be read.", inner: e);
        }
    }

    /// <summary>Refuses to go on with something else.</summary>
    /// <param name="file">The state.</param>
    /// <param name="begun">What it was begun with.</param>
    /// <param name="next">Says what to do where these entries differ; null where they may.</param>
    /// <returns>What is to be kept from now on: what it was begun with, and what is said for the first time.</returns>
    /// <exception cref="CheckpointException">Something differs; the message says what.</exception>
    public TrainingIdentity Continue(string file, TrainingIdentity begun, Func<IReadOnlyList<string>, string?> next)
    {
        string[] other = [.. _entries.Where(e => begun._entries.TryGetValue(e.Key, out string? then) && then != e.Value).Select(e => e.Key)];
        if (other.Length > 0 && next(other) is { } way)
        {
            string told = string.Join("; ", other.Take(MostTold).Select(n => $"{n}: {Shown(begun._entries[n])} then, {Shown(_entries[n])} now"));
            if (other.Length > MostTold) told += $"; and {other.Length - MostTold} more";
            throw new CheckpointException(file, $"this training was begun with something else ({told}) and can only go on as it was begun. {way}");
        }
        return new(begun._entries.Concat(_entries.Where(e => !begun._entries.ContainsKey(e.Key))).Select(e => (e.Key, e.Value)));
    }

    private static string Shown(string value) =>
        value.Length == HashDigits && value.All(char.IsAsciiHexDigitLower) ? value[..ShownDigits] : value.Length == 0 ? "none" : $"'{MessageText.Cut(value)}'";
}
