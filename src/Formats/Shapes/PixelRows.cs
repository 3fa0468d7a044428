using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>
/// A mask whose pixels are written out, row by row, as true and false or as 0 and 1: what numpy's <c>tolist()</c> makes of the masks of SAM's
/// everything mode. One plane around the rows is taken off, since masks of a single click have it.
/// </summary>
internal static class PixelRows
{
    /// <summary>What messages say is expected instead.</summary>
    private const string Cure = "a list of rows, each as long as the image is wide, or run lengths {\"size\", \"counts\"} are expected";

    /// <summary>Columns and rows; null where the value is something else. Numbers tell by themselves only where the size is known: see the other.</summary>
    public static (int Width, int Height)? SizeOf(JsonElement value) =>
        RowsOf(value) is { } rows && IsBoolean(First(rows[0])) ? (rows[0].GetArrayLength(), rows.GetArrayLength()) : null;

    /// <summary>Whether the value is such a mask, or meant to be one. 0 and 1 are taken for pixels where they are as many as the image has.</summary>
    public static bool Are(JsonElement value, int height, int width)
    {
        if (IsBoolean(First(value))) return true; // without rows, to be refused by name
        if (RowsOf(value) is not { } rows) return false;
        return IsBoolean(First(rows[0])) || rows.GetArrayLength() == height && rows.EnumerateArray().All(row => row.ValueKind == JsonValueKind.Array
            && row.GetArrayLength() == width && row.EnumerateArray().All(item => Pixel(item) is not null));
    }

    /// <summary>The mask.</summary>
    /// <param name="values">The annotation.</param>
    /// <param name="value">Its "segmentation", of which <see cref="Are"/> holds.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="AnnotationFileException">It is of another size than the image, or its rows are not all alike.</exception>
    public static Rle Read(JsonValues values, JsonElement value, int height, int width)
    {
        if (RowsOf(value) is not { } rows)
            throw values.Bad($"segmentation is a list of {value.GetArrayLength()} true and false that are not divided into rows; {Cure}");
        int count = rows.GetArrayLength(), columns = rows[0].GetArrayLength();
        if ((count, columns) != (height, width))
        {
            string turned = (columns, count) == (height, width) ? ": its rows and columns are exchanged" : "";
            throw values.Bad($"its mask is {count} x {columns}, but its image is {height} x {width} (height x width){turned}; {Cure}");
        }
        var pixels = Planes.Cleared(checked(height * width));
        int at = 0, number = 0;
        foreach (var row in rows.EnumerateArray())
        {
            if (row.ValueKind != JsonValueKind.Array || row.GetArrayLength() != width)
            {
                string what = row.ValueKind == JsonValueKind.Array ? $"has {row.GetArrayLength()} values" : $"is {JsonValues.Describe(row)}";
                throw values.Bad($"segmentation[{number}] {what}, and the rows before have {width}; {Cure}");
            }
            foreach (var item in row.EnumerateArray())
                pixels[at++] = Pixel(item) ?? throw values.Bad($"segmentation[{number}] has to hold true and false, here is {JsonValues.Describe(item)}");
            number++;
        }
        values.Repaired("segmentation is written out pixel by pixel", "its pixels are the mask");
        return Rle.FromBytes(pixels, height, width);
    }

    /// <summary>The list of rows, without a plane around it; null where there are no rows.</summary>
    private static JsonElement? RowsOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || First(value) is not { ValueKind: JsonValueKind.Array } first) return null;
        return value.GetArrayLength() == 1 && First(first) is { ValueKind: JsonValueKind.Array } ? first : value;
    }

    private static JsonElement? First(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } items && items.GetArrayLength() > 0 ? items[0] : null;

    private static bool IsBoolean(JsonElement? value) => value?.ValueKind is JsonValueKind.True or JsonValueKind.False;

    private static byte? Pixel(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number when item.TryGetByte(out byte value) && value <= 1 => value,
        _ => null,
    };
}
