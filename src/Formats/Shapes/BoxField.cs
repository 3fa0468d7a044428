using System.Globalization;
using System.Text.Json;
using SemanticSam.Formats.Json;

namespace SemanticSam.Formats.Shapes;

/// <summary>An annotation's "bbox", [x, y, width, height].</summary>
internal static class BoxField
{
    /// <summary>
    /// Its sides in the image's coordinates, the smaller first; null where there is no box. A negative width or height goes from its corner to the left
    /// or up, as boxes do that were drawn so: then <c>IsTurned</c> is true.
    /// </summary>
    public static (double Left, double Top, double Right, double Bottom, bool IsTurned)? Read(JsonValues values)
    {
        if (!values.Has("bbox", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != 4) return null;
        Span<double> n = stackalloc double[4];
        int i = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (JsonValues.FiniteNumber(item) is not { } number) return null;
            n[i++] = number;
        }
        return (Math.Min(n[0], n[0] + n[2]), Math.Min(n[1], n[1] + n[3]), Math.Max(n[0], n[0] + n[2]), Math.Max(n[1], n[1] + n[3]), n[2] < 0 || n[3] < 0);
    }

    /// <summary>How messages quote it.</summary>
    public static string Describe(JsonValues values) => !values.Has("bbox", out var list) ? "missing"
        : list.ValueKind != JsonValueKind.Array ? JsonValues.Describe(list)
        : string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", list.EnumerateArray().Take(5).Select(JsonValues.Describe))}]");
}
