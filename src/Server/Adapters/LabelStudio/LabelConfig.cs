using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace SemanticSam.Server.Adapters.LabelStudio;

/// <summary>What of a project's labeling configuration matters: where the image is, and which tags take results.</summary>
/// <param name="Image">Name of the Image tag.</param>
/// <param name="Value">Where the image is in the task's data: "$image", "$photo.url", or a text around such names.</param>
/// <param name="Brush">Name of the BrushLabels tag; null where there is none.</param>
/// <param name="Polygon">Name of the PolygonLabels tag.</param>
/// <param name="Rectangle">Name of the RectangleLabels tag.</param>
/// <param name="Labels">Labels of the tag that results go to.</param>
internal sealed partial record LabelConfig(string Image, string Value, string? Brush, string? Polygon, string? Rectangle, IReadOnlyList<string> Labels)
{
    /// <summary>Where Label Studio keeps what was imported before the project had a configuration.</summary>
    private const string Unnamed = "$undefined$";

    /// <summary>Reads the XML; without an image in it, or where it is none, the usual names.</summary>
    /// <param name="xml">The configuration.</param>
    /// <param name="of">Name of the image that is asked about; null for the first, as where there is none of that name.</param>
    public static LabelConfig Read(string? xml, string? of = null)
    {
        var root = Parse(xml);
        XElement[] images = [.. root?.DescendantsAndSelf("Image") ?? []];
        var image = images.FirstOrDefault(i => (string?)i.Attribute("name") == of) ?? images.FirstOrDefault();
        string name = (string?)image?.Attribute("name") ?? "image";
        string value = (string?)image?.Attribute("value") ?? (string?)image?.Attribute("valueList") ?? "$image";
        XElement? For(string tag) => root?.DescendantsAndSelf(tag).FirstOrDefault(t => (string?)t.Attribute("toName") == name);
        var (brush, polygon, rectangle) = (For("BrushLabels"), For("PolygonLabels"), For("RectangleLabels"));
        var labels = (brush ?? polygon ?? rectangle)?.Elements("Label").Select(l => (string?)l.Attribute("value")).OfType<string>();
        return new(name, value, Name(brush), Name(polygon), Name(rectangle), [.. labels ?? []]);
    }

    /// <summary>Where the images of a task are, and whether its tag shows several of them, a page each.</summary>
    public (IReadOnlyList<Loose> Sources, bool IsList) Images(Loose data)
    {
        var found = Names().Match(Value) is { Success: true } whole && whole.Length == Value.Length ? Find(data, whole.Groups[1].Value)
            : Value.Contains('$', StringComparison.Ordinal) ? Text(Names().Replace(Value, name => Find(data, name.Groups[1].Value).Text ?? ""))
            : Find(data, Value);
        bool isList = found.Element.ValueKind == JsonValueKind.Array;
        return (isList ? found.Items : [found], isList);

        Loose Text(string text) => new(JsonSerializer.SerializeToElement(text), $"'{Value}'");
    }

    /// <summary>An entry of a task's data, by its key or a path of keys.</summary>
    private static Loose Find(Loose data, string name)
    {
        var found = data[name];
        if (!found.Exists && name.Contains('.', StringComparison.Ordinal)) found = name.Split('.').Aggregate(data, (at, key) => at[key]);
        return found.Exists || !data[Unnamed].Exists ? found : data[Unnamed];
    }

    private static string? Name(XElement? tag) => (string?)tag?.Attribute("name");

    private static XElement? Parse(string? xml)
    {
        if (string.IsNullOrWhiteSpace(xml) || xml.Length > 1 << 20) return null;
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\$\{?([\p{L}\p{N}_.-]+)\}?")]
    private static partial Regex Names();
}
