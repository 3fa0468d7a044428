using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>The values of one JSON object by name; what is missing or of the wrong type is said with file and place.</summary>
internal readonly struct JsonValues
{
    private readonly string _file;

    public JsonValues(JsonElement element, string file, string place)
    {
        (Element, _file, Place) = (element, file, place);
        if (element.ValueKind != JsonValueKind.Object) throw Bad($"an object is expected, here is {Describe(element)}");
    }

    public JsonElement Element { get; }

    public string Place { get; }

    public AnnotationFileException Bad(string what) => new(_file, Place, what);

    /// <summary>False when the key is absent or null.</summary>
    public bool Has(string key, out JsonElement value) => JsonKeys.TryGet(Element, key, out value) && value.ValueKind != JsonValueKind.Null;

    public JsonElement Need(string key) => Has(key, out var value) ? value : throw Bad($"key '{key}' is missing");

    public JsonValues Object(string key) => new(Need(key), _file, Place.Length == 0 ? key : $"{Place}, {key}");

    public JsonValues? OptionalObject(string key) => Has(key, out var value) ? new(value, _file, Place.Length == 0 ? key : $"{Place}, {key}") : null;

    public JsonElement List(string key)
    {
        var value = Need(key);
        return value.ValueKind == JsonValueKind.Array ? value : throw Bad($"{key} has to be a list");
    }

    public long Integer(string key) => OptionalInteger(key) ?? throw Bad($"key '{key}' is missing");

    public long? OptionalInteger(string key)
    {
        if (!Has(key, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt64(out long whole)) return whole;
            // Some writers give ids as 1.0.
            if (value.TryGetDouble(out double number) && number == Math.Truncate(number) && Math.Abs(number) < 1L << 53) return (long)number;
        }
        throw Bad($"{key} has to be a whole number, here is {Describe(value)}");
    }

    public int? OptionalInt(string key) => OptionalInteger(key) switch
    {
        null => null,
        >= int.MinValue and <= int.MaxValue and { } value => (int)value,
        { } value => throw Bad($"{key} is {value}; it has to be a whole number of 32 bits"),
    };

    /// <summary>A side of an image.</summary>
    public int Side(string key) => FormatLimits.Side(Integer(key), key, Bad);

    public string Text(string key) => OptionalText(key) ?? throw Bad($"key '{key}' is missing");

    public string? OptionalText(string key) => !Has(key, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? GetString(value, key) : throw Bad($"{key} has to be a text, here is {Describe(value)}");

    public float? OptionalFloat(string key) => !Has(key, out var value) ? null : (float)Number(value, key);

    public double? OptionalNumber(string key) => Has(key, out var value) ? Number(value, key) : null;

    public bool Flag(string key)
    {
        if (!Has(key, out var value)) return false;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number is 0 or 1 ? number == 1
                : throw Bad($"{key} has to be true, false, 0 or 1, here is {Describe(value)}"),
        };
    }

    public double[]? OptionalNumbers(string key) => Has(key, out var value) ? Numbers(value, key) : null;

    public double[] Numbers(JsonElement value, string key)
    {
        if (value.ValueKind != JsonValueKind.Array) throw Bad($"{key} has to be a list of numbers, here is {Describe(value)}");
        var numbers = new double[value.GetArrayLength()];
        int i = 0;
        foreach (var item in value.EnumerateArray()) numbers[i++] = Number(item, key);
        return numbers;
    }

    public (double, double, double, double)? OptionalBox(string key) => OptionalNumbers(key) switch
    {
        null => null,
        [var x, var y, var w, var h] => (x, y, w, h),
        var other => throw Bad($"{key} has {other.Length} numbers, [x, y, width, height] is expected"),
    };

    private double Number(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number
            : throw Bad($"{key} has to hold numbers, here is {Describe(value)}");

    /// <summary>Text that JSON allows but that is no valid Unicode is a fault of the file.</summary>
    private string GetString(JsonElement value, string key)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Bad($"{key} is not valid text");
        }
    }

    private static string Describe(JsonElement value)
    {
        string text = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.Null => "null",
            _ => value.GetRawText(),
        };
        return text.Length > 40 ? text[..40] + "..." : text;
    }
}
