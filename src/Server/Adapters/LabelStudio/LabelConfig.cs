using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace SemanticSam.Server.Adapters.LabelStudio;

/// <summary>What of a project's labeling configuration matters: where the image is, and which tags take results.</summary>
/// <param name="Image">Name of the Image tag.</param>
/// <param name="Value">Where the image is in the task's data: "$image", "$photo.url", or a text around such names.</param>
/// <param name="Area">The tag that results go to; null where none of the image takes masks.</param>
/// <param name="LabelsTag">Name of the tag that has the labels, where <paramref name="Area"/> has none of its own (Labels beside Brush).</param>
/// <param name="Labels">Labels that results may have.</param>
internal sealed partial record LabelConfig(string Image, string Value, AreaTag? Area, string? LabelsTag, IReadOnlyList<string> Labels)
{
    /// <summary>Without a configuration the names of the examples in Label Studio's documents.</summary>
    private static readonly AreaTag Usual = new(AreaKind.Brush, "tag", true);

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
        if (root is null) return new(name, value, Usual, null, []);
        var area = Areas.Select(a => (a.Kind, a.HasLabels, Tag: For(a.Tag))).FirstOrDefault(a => Name(a.Tag) is not null);
        var labels = area.Tag is null ? null : area.HasLabels ? area.Tag : For("Labels"); // labels may lie in tags that lay them out
        return new(name, value, Name(area.Tag) is { } own ? new(area.Kind, own, area.HasLabels) : null, area.HasLabels ? null : Name(labels),
            [.. labels?.Descendants("Label").Select(l => (string?)l.Attribute("value")).OfType<string>() ?? []]);
    }

    /// <summary>Tags that take areas, the most exact first.</summary>
    private static readonly (string Tag, AreaKind Kind, bool HasLabels)[] Areas =
    [
        ("BrushLabels", AreaKind.Brush, true), ("PolygonLabels", AreaKind.Polygon, true), ("RectangleLabels", AreaKind.Rectangle, true),
        ("Brush", AreaKind.Brush, false), ("Polygon", AreaKind.Polygon, false), ("Rectangle", AreaKind.Rectangle, false),
    ];

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

/// <summary>What an area is drawn as.</summary>
internal enum AreaKind
{
    Brush,
    Polygon,
    Rectangle,
}

/// <summary>A tag that takes areas of an image.</summary>
/// <param name="Kind">As what.</param>
/// <param name="Name">Its name.</param>
/// <param name="HasLabels">Whether areas have its labels; else those of a tag of labels, or none.</param>
internal readonly record struct AreaTag(AreaKind Kind, string Name, bool HasLabels);
