using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Requests;

/// <summary>A value is wrong; the reader adds the key that it stands under.</summary>
internal sealed class PromptValueException(string message) : JsonException(message);

/// <summary>Reads one value of a prompts file.</summary>
internal abstract class PromptConverter<T> : JsonConverter<T>
{
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => throw new NotSupportedException("Prompts are only read.");

    protected static float Coordinate(ref Utf8JsonReader reader, string shape)
    {
        if (reader.TokenType != JsonTokenType.Number) throw new PromptException(shape);
        return reader.TryGetSingle(out float number) && float.IsFinite(number) ? number : throw NotFinite(ref reader);
    }

    protected static double Real(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double number) && double.IsFinite(number) ? number : throw NotFinite(ref reader);

    /// <summary>The value as the file has it.</summary>
    protected static string Raw(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartArray => "a list",
        JsonTokenType.StartObject => "an object",
        _ => Encoding.UTF8.GetString(reader.ValueSpan),
    };

    protected static PromptValueException NotFinite(ref Utf8JsonReader reader) => new($"{Raw(ref reader)} is not a finite number.");
}

/// <summary>[[x, y, label], ...] of one thing, or a list of such lists; the label may be left out.</summary>
internal sealed class PointsConverter : PromptConverter<IReadOnlyList<IReadOnlyList<PointPrompt>>>
{
    private const string Shape = "'points' is a list of [x, y, label] with label 1 (wanted) or 0 (not wanted), or a list of such lists, one a thing.";

    public override IReadOnlyList<IReadOnlyList<PointPrompt>> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new PromptException(Shape);
        var groups = new List<IReadOnlyList<PointPrompt>>();
        var single = new List<PointPrompt>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartArray || !reader.Read()) throw new PromptException(Shape);
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                single.Add(Point(ref reader));
                continue;
            }
            var group = new List<PointPrompt>();
            for (; reader.TokenType == JsonTokenType.StartArray; reader.Read())
            {
                reader.Read();
                group.Add(Point(ref reader));
            }
            if (reader.TokenType != JsonTokenType.EndArray) throw new PromptException(Shape);
            groups.Add(group);
        }
        if (single.Count > 0 && groups.Count > 0) throw new PromptException(Shape);
        return single.Count > 0 ? [single] : groups;
    }

    /// <summary>A point whose first number is the current token, up to the end of its list.</summary>
    private static PointPrompt Point(ref Utf8JsonReader reader)
    {
        Span<float> values = stackalloc float[3];
        int count = 0;
        for (; reader.TokenType != JsonTokenType.EndArray; count++, reader.Read())
        {
            if (count == values.Length) throw new PromptException(Shape);
            values[count] = Coordinate(ref reader, Shape);
        }
        if (count < 2 || (count == 3 && values[2] is not (0 or 1))) throw new PromptException(Shape);
        return new(values[0], values[1], count == 2 || values[2] == 1);
    }
}

/// <summary>[x1, y1, x2, y2].</summary>
internal sealed class BoxConverter : PromptConverter<BoxF>
{
    private const string Shape = "'box' is [x1, y1, x2, y2].";

    public override BoxF Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => Box(ref reader, Shape);

    public static BoxF Box(ref Utf8JsonReader reader, string shape)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new PromptException(shape);
        Span<float> values = stackalloc float[4];
        int count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count == values.Length) throw new PromptException(shape);
            values[count] = Coordinate(ref reader, shape);
        }
        return count == values.Length ? new(values[0], values[1], values[2], values[3]) : throw new PromptException(shape);
    }
}

/// <summary>A list of boxes.</summary>
internal sealed class BoxesConverter : PromptConverter<IReadOnlyList<BoxF>>
{
    private const string Shape = "'boxes' is a list of [x1, y1, x2, y2], one a thing.";

    public override IReadOnlyList<BoxF> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new PromptException(Shape);
        var boxes = new List<BoxF>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) boxes.Add(BoxConverter.Box(ref reader, Shape));
        return boxes;
    }
}

/// <summary>A text of names, or a list of which each item is one name, whatever it holds.</summary>
internal sealed class NamesConverter : PromptConverter<IReadOnlyList<string>>
{
    private const string Shape = "'text' is a name or a list of names.";

    /// <summary>In quotes, so that it is not taken apart.</summary>
    private static string One(string name) => name.AsSpan().IndexOfAny(",;|\r\n.") < 0 ? name : $"\"{name.ReplaceLineEndings(" ").Replace('"', '\'')}\"";

    public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return [reader.GetString()!];
        if (reader.TokenType != JsonTokenType.StartArray) throw new PromptException(Shape);
        var names = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            names.Add(reader.TokenType == JsonTokenType.String ? One(reader.GetString()!) : throw new PromptException(Shape));
        return names;
    }
}

/// <summary>A list of levels, by name or by index.</summary>
internal sealed class LevelsConverter : PromptConverter<IReadOnlyList<GranularityLevel>>
{
    private const string Shape = "'levels' is a list of level names or indices 1 to 6, at least one.";

    public override IReadOnlyList<GranularityLevel> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new PromptException(Shape);
        var levels = new List<GranularityLevel>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            levels.Add(reader.TokenType switch
            {
                JsonTokenType.String => PromptText.Level(reader.GetString()!),
                JsonTokenType.Number => PromptText.Level(Raw(ref reader)),
                _ => throw new PromptException(Shape),
            });
        return levels.Count > 0 ? levels : throw new PromptException(Shape);
    }
}

/// <summary>true, false or an object of options.</summary>
internal sealed class EverythingConverter : PromptConverter<EverythingJson?>
{
    public override EverythingJson? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.True => new(),
        JsonTokenType.False => null,
        JsonTokenType.StartObject => JsonSerializer.Deserialize<EverythingJson>(ref reader, options),
        _ => throw new PromptException("'everything' is true or an object of options."),
    };
}

/// <summary>A number that is finite.</summary>
internal sealed class RealConverter : PromptConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => Real(ref reader);
}

/// <summary>A whole number, also as 32.0, which some programs write.</summary>
internal sealed class WholeConverter : PromptConverter<long>
{
    private const long Largest = 1L << 50; // whole numbers up to here are exact in any program that writes JSON

    public override long Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
        Real(ref reader) is var number && number == Math.Truncate(number) && Math.Abs(number) <= Largest ? (long)number
            : throw new PromptValueException($"{Raw(ref reader)} is not a whole number of at most {Largest}.");
}
