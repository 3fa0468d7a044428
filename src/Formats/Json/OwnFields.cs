using System.Text.Json;

namespace SemanticSam.Formats.Json;

/// <summary>
/// Keys that the format itself does not define. Those of another program are none of our business: what does not have exactly our meaning
/// and type is ignored. In a file that bears our mark it is a fault, which is reported; the annotation stays in either case.
/// </summary>
/// <param name="values">The object.</param>
/// <param name="marked">Whether the file bears our mark.</param>
internal readonly struct OwnFields(JsonValues values, bool marked)
{
    public long? Integer(string key) => !values.Has(key, out var value) ? null : JsonValues.WholeNumber(value) ?? Wrong<long>(key, value, "a whole number");

    public int? Int(string key) =>
        !values.Has(key, out var value) ? null : JsonValues.WholeNumber(value) is >= int.MinValue and <= int.MaxValue and { } number ? (int)number
            : Wrong<int>(key, value, "a whole number of 32 bits");

    public float? Number(string key) =>
        !values.Has(key, out var value) ? null : value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number)
            && float.IsFinite(number) ? number
            : Wrong<float>(key, value, "a number");

    public string? Text(string key)
    {
        if (!values.Has(key, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String && JsonValues.AsText(value) is { Length: > 0 } text) return text;
        Wrong<int>(key, value, "a text");
        return null;
    }

    public bool Flag(string key)
    {
        if (!values.Has(key, out var value)) return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.ValueKind == JsonValueKind.True;
        return (JsonValues.WholeNumber(value) is (0 or 1) and { } bit ? bit : Wrong<long>(key, value, "true, false, 0 or 1")) == 1;
    }

    public double[]? Numbers(string key, int count)
    {
        if (!values.Has(key, out var value)) return null;
        if (Numbers(value, count) is { } numbers) return numbers;
        Wrong<int>(key, value, $"{count} numbers");
        return null;
    }

    /// <summary>A list of whole numbers; none where the key is missing.</summary>
    public long[] Integers(string key)
    {
        if (!values.Has(key, out var value)) return [];
        long?[] numbers = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(JsonValues.WholeNumber)] : [null];
        if (numbers.All(n => n is not null)) return [.. numbers.Select(n => n!.Value)];
        Wrong<long>(key, value, "a list of whole numbers");
        return [];
    }

    /// <summary>SA-1B writes [[x, y]].</summary>
    public (double, double)? Point(string key)
    {
        if (!values.Has(key, out var value) || value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0) return null;
        var inner = value.ValueKind == JsonValueKind.Array && value[0].ValueKind == JsonValueKind.Array ? value[0] : value;
        if (Numbers(inner, 2) is [var x, var y]) return (x, y);
        return Wrong<(double, double)>(key, value, "[[x, y]]");
    }

    /// <summary>A word that <paramref name="parse"/> knows.</summary>
    public T? Word<T>(string key, Func<string, T?> parse, string expected) where T : struct
    {
        if (!values.Has(key, out var value)) return null;
        return value.ValueKind == JsonValueKind.String && JsonValues.AsText(value) is { } text && parse(text) is { } known ? known
            : Wrong<T>(key, value, expected);
    }

    private static double[]? Numbers(JsonElement value, int count)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != count) return null;
        var numbers = new double[count];
        for (int i = 0; i < count; i++)
        {
            if (value[i].ValueKind != JsonValueKind.Number || !value[i].TryGetDouble(out numbers[i]) || !double.IsFinite(numbers[i])) return null;
        }
        return numbers;
    }

    private T? Wrong<T>(string key, JsonElement value, string expected) where T : struct
    {
        if (marked) values.Repaired($"{key} is {JsonValues.Describe(value)}, {expected} is expected", "the key is ignored");
        return null;
    }
}
