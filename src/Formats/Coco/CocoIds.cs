using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Json;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// Ids of images as numbers: those that are numbers, also in quotes, are themselves; other texts, such as names of files, and numbers of more than 64 bits
/// get numbers that no file has.
/// </summary>
internal sealed class CocoIds
{
    private readonly Dictionary<string, long> _texts = [];
    private readonly List<string> _inOrder = [];
    private long _next = long.MinValue;

    /// <summary>The number of the current value; <see cref="CocoIndex.NoImage"/> when it is no id.</summary>
    public long Of(ref JsonPump json)
    {
        if (json.TryGetInt64(out long id) || json.TryGetDouble(out double d) && (id = (long)d) == d) return id;
        return json.Token == JsonTokenType.String ? Of(json.Text) : json.Digits is { } digits ? Of(digits) : CocoIndex.NoImage;
    }

    /// <summary>The number of an id in a record.</summary>
    public long Of(JsonElement value) =>
        JsonValues.WholeNumber(value) ?? (value.ValueKind == JsonValueKind.String && JsonValues.AsText(value) is { } text ? Of(text)
            : value.ValueKind == JsonValueKind.Number && value.GetRawText() is var digits && AreDigits(digits) ? Of(digits) : CocoIndex.NoImage);

    /// <summary>Whether a number is written in digits alone; those of hashes have more than 64 bits, and are ids all the same.</summary>
    public static bool AreDigits(ReadOnlySpan<char> number) => number.IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Whether a number stands for a text.</summary>
    public bool IsText(long id) => id > CocoIndex.NoImage && id <= _next;

    /// <summary>The text that a number stands for; null for one that is itself.</summary>
    public string? TextOf(long id) => IsText(id) ? _inOrder[(int)(id - CocoIndex.NoImage - 1)] : null;

    /// <summary>The number of an id that is a text, such as a key.</summary>
    public long Of(string text)
    {
        if (long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out long id)) return id;
        if (_texts.TryGetValue(text, out id)) return id;
        _inOrder.Add(text);
        return _texts[text] = ++_next;
    }
}
