using System.Globalization;
using System.Text.Json;
using SemanticSam.Foundation;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Adapters;

/// <summary>
/// JSON of other programs: keys that are not known are passed over, null is as good as absent, and a value of the wrong kind is the client's fault.
/// </summary>
/// <param name="Element">The value; undefined where it is absent.</param>
/// <param name="Place">Where it stands, for messages.</param>
internal readonly record struct Loose(JsonElement Element, string Place)
{
    public static Loose Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(Json.WithoutMark(utf8.Span), new() { MaxDepth = 32 });
            return new(JsonElement.ParseValue(ref reader), "the body");
        }
        catch (JsonException e)
        {
            throw ApiException.Bad($"The body is not valid JSON: {JsonMessage.Of(e)}.");
        }
    }

    public bool Exists => Element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>A member of an object; absent where this is absent or no object.</summary>
    public Loose this[string key] => new(Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(key, out var value) ? value : default, $"'{key}'");

    public bool IsObject => Element.ValueKind == JsonValueKind.Object;

    public string? Text => !Exists ? null : Element.ValueKind == JsonValueKind.String ? Safe() : throw Wrong("a text");

    /// <summary>A number, in quotes as well: the servers that these programs were written for take both.</summary>
    public double? Number
    {
        get
        {
            if (!Exists) return null;
            double value = double.NaN;
            bool read = Element.ValueKind == JsonValueKind.Number ? Element.TryGetDouble(out value)
                : Element.ValueKind == JsonValueKind.String && double.TryParse(Safe(), NumberStyles.Float, CultureInfo.InvariantCulture, out value);
            return read && double.IsFinite(value) ? value : throw Wrong("a number");
        }
    }

    /// <summary>True and false, 1 and 0 as some clients write them, and any of them in quotes.</summary>
    public bool? Flag => !Exists ? null : Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => Number != 0,
        JsonValueKind.String when Safe() is "1" or "0" => Safe() == "1",
        JsonValueKind.String when bool.TryParse(Safe(), out bool flag) => flag,
        _ => throw Wrong("true or false"),
    };

    /// <summary>The values of a list; none where it is absent.</summary>
    public IReadOnlyList<Loose> Items
    {
        get
        {
            if (!Exists) return [];
            string place = Place;
            return Element.ValueKind == JsonValueKind.Array ? [.. Element.EnumerateArray().Select(e => new Loose(e, place))] : throw Wrong("a list");
        }
    }

    /// <summary>The numbers of a list.</summary>
    public double[] Numbers => [.. Items.Select(i => i.Number ?? throw i.Wrong("a number"))];

    /// <summary>A place as most write it, [x, y].</summary>
    public (double X, double Y) Pair => Numbers is [var x, var y] ? (x, y) : throw Wrong("[x, y]");

    /// <summary>The texts of a list.</summary>
    public string[] Texts => [.. Items.Select(i => i.Text ?? throw i.Wrong("a text"))];

    public string Required => Text is { Length: > 0 } text ? text : throw Wrong("a text");

    public ApiException Wrong(string expected) =>
        ApiException.Bad($"{char.ToUpperInvariant(Place[0])}{Place[1..]} is missing or of the wrong kind; {expected} is expected.");

    private string Safe()
    {
        try
        {
            return Element.GetString()!;
        }
        catch (InvalidOperationException) // half a surrogate pair
        {
            throw Wrong("a text of valid Unicode");
        }
    }
}
