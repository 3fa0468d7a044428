using System.Text.Json;
using System.Text.Json.Serialization;
using SemanticSam.Masks;

namespace SemanticSam.Server.Api;

/// <summary>Levels as people write them: names, numbers, or one of either without brackets.</summary>
internal sealed class LevelsConverter : JsonConverter<IReadOnlyList<GranularityLevel>>
{
    public override IReadOnlyList<GranularityLevel> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return [One(ref reader)];
        var levels = new List<GranularityLevel>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            if (One(ref reader) is var level && !levels.Contains(level)) levels.Add(level);
        return levels.Count > 0 ? levels : throw new JsonException("Ask for at least one level, or leave 'levels' out for all.");
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<GranularityLevel> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var level in value) writer.WriteStringValue(GranularityMap.Name(level));
        writer.WriteEndArray();
    }

    private static GranularityLevel One(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number) && number is >= 1 and <= 6) return (GranularityLevel)number;
        if (reader.TokenType == JsonTokenType.String)
            foreach (var level in GranularityMap.All)
                if (GranularityMap.Name(level).Equals(reader.GetString(), StringComparison.OrdinalIgnoreCase)) return level;
        throw new JsonException("A level is scene, group, whole, part, subpart or detail, or its number from 1 to 6.");
    }
}
