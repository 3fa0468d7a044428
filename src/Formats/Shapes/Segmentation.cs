using System.Text;
using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>COCO's <c>segmentation</c> value: a list of polygons, or run lengths as numbers or as compressed text.</summary>
internal static class Segmentation
{
    /// <summary>The mask; <paramref name="values"/> holds the key "segmentation".</summary>
    /// <exception cref="AnnotationFileException">It is damaged, empty, or of another size than the image.</exception>
    public static Rle Read(JsonValues values, int height, int width, PolygonRule rule = PolygonRule.Center)
    {
        var value = values.Need("segmentation");
        if (value.ValueKind == JsonValueKind.Array) return Polygons(values, value, height, width, rule);
        var (rows, columns, text, counts) = Runs(values);
        if (rows != height || columns != width)
            throw values.Bad($"its mask is {rows} x {columns}, but its image is {height} x {width} (height x width)");
        try
        {
            return text is not null ? Rle.FromCompressedString(height, width, Encoding.Latin1.GetString(text)) : Rle.FromCounts(height, width, counts!);
        }
        catch (FormatException e)
        {
            throw values.Bad(e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Run lengths as they are in the file: compressed text, or numbers.</summary>
    /// <exception cref="AnnotationFileException">They are no run lengths; whether they fit the size is not looked at.</exception>
    public static (int Height, int Width, byte[]? Text, int[]? Counts) Runs(JsonValues values)
    {
        if (values.Need("segmentation").ValueKind != JsonValueKind.Object) throw values.Bad("segmentation: run lengths {\"size\", \"counts\"} or a list of polygons are expected");
        var runs = values.Object("segmentation");
        var size = runs.Numbers(runs.Need("size"), "size");
        if (size is not [>= 1 and <= FormatLimits.LargestSide, >= 1 and <= FormatLimits.LargestSide])
            throw values.Bad($"segmentation.size is [{string.Join(", ", size)}], [height, width] is expected");
        var (height, width) = ((int)size[0], (int)size[1]);
        var counts = runs.Need("counts");
        if (counts.ValueKind == JsonValueKind.String) return (height, width, Encoding.UTF8.GetBytes(runs.Text("counts")), null);
        double[] numbers = runs.Numbers(counts, "counts");
        if (numbers.Length == 0) throw values.Bad("segmentation.counts is empty");
        var whole = new int[numbers.Length];
        for (int i = 0; i < whole.Length; i++)
            whole[i] = numbers[i] is >= 0 and <= int.MaxValue && numbers[i] == Math.Truncate(numbers[i]) ? (int)numbers[i]
                : throw values.Bad($"segmentation.counts[{i}] is {numbers[i]}; run lengths are whole and not negative");
        return (height, width, null, whole);
    }

    /// <summary>As run lengths in compressed text.</summary>
    public static void Write(Utf8JsonWriter writer, Rle mask)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("size");
        writer.WriteNumberValue(mask.Height);
        writer.WriteNumberValue(mask.Width);
        writer.WriteEndArray();
        writer.WriteString("counts", mask.ToCompressedString());
        writer.WriteEndObject();
    }

    /// <summary>As polygons [[x1, y1, x2, y2, ...], ...].</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<IReadOnlyList<(double X, double Y)>> polygons)
    {
        writer.WriteStartArray();
        foreach (var polygon in polygons)
        {
            writer.WriteStartArray();
            foreach (var (x, y) in polygon)
            {
                writer.WriteNumberValue(x);
                writer.WriteNumberValue(y);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }

    private static Rle Polygons(JsonValues values, JsonElement list, int height, int width, PolygonRule rule)
    {
        if (list.GetArrayLength() == 0) throw values.Bad("segmentation is empty");
        var polygons = new List<IReadOnlyList<(double, double)>>();
        if (list[0].ValueKind == JsonValueKind.Number) polygons.Add(Points(values, list, 0)); // one polygon without its list: an error often made
        else
            foreach (var polygon in list.EnumerateArray()) polygons.Add(Points(values, polygon, polygons.Count));
        if (PolygonPixels.WhyNot(polygons, height, width) is { } fault) throw values.Bad($"segmentation: {fault}");
        return PolygonPixels.Fill(polygons, height, width, rule);
    }

    private static List<(double, double)> Points(JsonValues values, JsonElement polygon, int index)
    {
        double[] numbers = values.Numbers(polygon, $"segmentation[{index}]");
        if (numbers.Length < 6 || numbers.Length % 2 != 0)
            throw values.Bad($"segmentation[{index}] has {numbers.Length} numbers; a polygon has an even number of them, at least 6");
        var points = new List<(double, double)>(numbers.Length / 2);
        for (int i = 0; i < numbers.Length; i += 2) points.Add((numbers[i], numbers[i + 1]));
        return points;
    }
}
