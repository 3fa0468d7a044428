using System.Globalization;
using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>
/// The values of one JSON object by name; what is missing or of the wrong type is said with file and place. What is of a wrong type but can be
/// read all the same, such as a number in quotes, is repaired and reported.
/// </summary>
internal readonly struct JsonValues
{
    private readonly FormatReport? _report;

    /// <param name="element">The object.</param>
    /// <param name="file">What messages call the file.</param>
    /// <param name="place">Where in the file.</param>
    /// <param name="report">Told of repairs; null refuses what would need one.</param>
    public JsonValues(JsonElement element, string file, string place, FormatReport? report = null)
    {
        (Element, File, Place, _report) = (element, file, place, report);
        if (element.ValueKind != JsonValueKind.Object) throw Bad($"an object is expected, here is {Describe(element)}");
    }

    public JsonElement Element { get; }

    public string File { get; }

    public string Place { get; }

    public AnnotationFileException Bad(string what) => new(File, Place, what);

    /// <summary>Says what was changed, so that it can be used.</summary>
    /// <exception cref="AnnotationFileException">Nothing is to be changed.</exception>
    public void Repaired(string what, string done)
    {
        if (_report is null) throw Bad(what);
        _report.Repaired(File, Place, what, done);
    }

    public void Noted(string what, string done) => _report?.Noted(File, Place, what, done);

    /// <summary>Says what was assumed, once for the file.</summary>
    public void NotedOnce(string what, string done) => _report?.NotedOnce(File, what, done);

    /// <summary>The same object under another place.</summary>
    public JsonValues At(string place) => new(Element, File, place, _report);

    /// <summary>Another object of the same file.</summary>
    public JsonValues Of(JsonElement element, string place) => new(element, File, place, _report);

    /// <summary>False when the key is absent or null.</summary>
    public bool Has(string key, out JsonElement value) => JsonKeys.TryGet(Element, key, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Whether the key is there and null.</summary>
    public bool IsNull(string key) => JsonKeys.TryGet(Element, key, out var value) && value.ValueKind == JsonValueKind.Null;

    public JsonElement Need(string key) => Has(key, out var value) ? value : throw Bad($"key '{key}' is missing");

    public JsonValues Object(string key) => Of(Need(key), Place.Length == 0 ? key : $"{Place}, {key}");

    public JsonValues? OptionalObject(string key) => Has(key, out var value) ? Of(value, Place.Length == 0 ? key : $"{Place}, {key}") : null;

    public JsonElement List(string key)
    {
        var value = Need(key);
        return value.ValueKind == JsonValueKind.Array ? value : throw Bad($"{key} has to be a list");
    }

    public long Integer(string key) => OptionalInteger(key) ?? throw Bad($"key '{key}' is missing");

    public long? OptionalInteger(string key)
    {
        if (!Has(key, out var value)) return null;
        if (WholeNumber(value) is { } whole) return whole;
        if (value.ValueKind == JsonValueKind.String && AsText(value) is { } text
            && long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out whole))
        {
            Repaired($"{key} is the text {Describe(value)}", "the number is taken");
            return whole;
        }
        throw Bad($"{key} has to be a whole number, here is {Describe(value)}");
    }

    /// <summary>A side of an image.</summary>
    public int Side(string key) => FormatLimits.Side(Integer(key), key, Bad);

    /// <summary>A side of an image; null when it is missing, or no side that an image can have.</summary>
    public int? OptionalSide(string key)
    {
        if (!Has(key, out var value)) return null;
        long? side = WholeNumber(value) ?? (value.ValueKind == JsonValueKind.String && long.TryParse(AsText(value), out long text) ? text : null);
        return side is >= 1 and <= FormatLimits.LargestSide and { } number ? (int)number : null;
    }

    public string Text(string key) => OptionalText(key) ?? throw Bad($"key '{key}' is missing");

    public string? OptionalText(string key) => !Has(key, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? AsText(value) ?? throw Bad($"{key} is not valid text")
        : throw Bad($"{key} has to be a text, here is {Describe(value)}");

    /// <summary>A name: a number stands for its digits. Null when it is missing, empty, or neither.</summary>
    public string? OptionalName(string key)
    {
        if (!Has(key, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return AsText(value) is { } text ? text.Length == 0 ? null : text : throw Bad($"{key} is not valid text");
        if (value.ValueKind is not (JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)) return null;
        Repaired($"{key} has to be a text, here is {Describe(value)}", "its digits are the name");
        return value.GetRawText();
    }

    public float? OptionalFloat(string key) => !Has(key, out var value) ? null : (float)Number(value, key);

    public double? OptionalNumber(string key) => Has(key, out var value) ? Number(value, key) : null;

    public bool Flag(string key)
    {
        if (!Has(key, out var value)) return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.ValueKind == JsonValueKind.True;
        return WholeNumber(value) is (0 or 1) and { } bit ? bit == 1 : throw Bad($"{key} has to be true, false, 0 or 1, here is {Describe(value)}");
    }

    public (double, double, double, double)? OptionalBox(string key) => !Has(key, out var value) ? null : Numbers(value, key) switch
    {
        [var x, var y, var w, var h] => (x, y, w, h),
        var other => throw Bad($"{key} has {other.Length} numbers, [x, y, width, height] is expected"),
    };

    public double[] Numbers(JsonElement value, string key)
    {
        if (value.ValueKind != JsonValueKind.Array) throw Bad($"{key} has to be a list of numbers, here is {Describe(value)}");
        var numbers = new double[value.GetArrayLength()];
        int i = 0;
        foreach (var item in value.EnumerateArray()) numbers[i++] = Number(item, key);
        return numbers;
    }

    /// <summary>A finite number, in quotes or not.</summary>
    public double Number(JsonElement value, string key) => FiniteNumber(value) ?? throw Bad($"{key} has to hold numbers, here is {Describe(value)}");

    /// <summary>A finite number, in quotes or not; null for anything else.</summary>
    public static double? FiniteNumber(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number
            : value.ValueKind == JsonValueKind.String && double.TryParse(AsText(value), NumberStyles.Float, CultureInfo.InvariantCulture, out number)
                && double.IsFinite(number) ? number : null;

    /// <summary>Some writers give ids as 1.0.</summary>
    public static long? WholeNumber(JsonElement value) =>
        value.ValueKind != JsonValueKind.Number ? null
            : value.TryGetInt64(out long whole) ? whole
            : value.TryGetDouble(out double number) && number == Math.Truncate(number) && Math.Abs(number) < 1L << 53 ? (long)number : null;

    /// <summary>Null for text that JSON allows but that is no valid Unicode.</summary>
    public static string? AsText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static string Describe(JsonElement value)
    {
        string text = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.Null => "null",
            _ => value.GetRawText(),
        };
        return text is JsonLeniency.NotANumber ? "NaN or an empty text" : text.Length > 40 ? text[..40] + "..." : text;
    }
}
