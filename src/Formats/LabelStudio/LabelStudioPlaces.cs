using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SemanticSam.Formats.LabelStudio;

/// <summary>
/// Tells which values of JSON_MIN are of one region. It has no ids: each control that says something of a region repeats where that is, digit by digit.
/// </summary>
internal sealed class LabelStudioPlaces
{
    private static readonly string[] Keys = ["x", "y", "width", "height", "rotation", "radiusX", "radiusY", "points", "vertices", "closed", "rle"];

    private readonly Dictionary<(string Place, int Nth), int> _regions = [];
    private readonly Dictionary<string, int> _ofControl = [];

    /// <summary>A control says a thing of a region once; two values at one place are two regions.</summary>
    public void NextControl() => _ofControl.Clear();

    /// <summary>The number of the region that is at the place already; else this one has the number.</summary>
    /// <param name="value">What a control says.</param>
    /// <param name="number">Of a new region.</param>
    /// <returns>Whether it is there already, and its number.</returns>
    public (bool IsKnown, int Number) Of(JsonElement value, int number)
    {
        string place = Place(value);
        int nth = _ofControl[place] = _ofControl.GetValueOrDefault(place) + 1;
        return _regions.TryAdd((place, nth), number) ? (false, number) : (true, _regions[(place, nth)]);
    }

    private static string Place(JsonElement value)
    {
        var place = new StringBuilder();
        foreach (string key in Keys)
            if (value.TryGetProperty(key, out var part))
            {
                place.Append(key).Append(' ');
                if (part.ValueKind == JsonValueKind.Number && part.TryGetDouble(out double number))
                    place.Append(number.ToString("R", CultureInfo.InvariantCulture));
                else
                    foreach (char c in part.GetRawText())
                        if (!char.IsWhiteSpace(c)) place.Append(c);
                place.Append(';');
            }
        return place.ToString();
    }
}
