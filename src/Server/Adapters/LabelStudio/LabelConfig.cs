using System.Xml;
using System.Xml.Linq;

namespace SemanticSam.Server.Adapters.LabelStudio;

/// <summary>What of a project's labeling configuration matters: where the image is, and which tags take results.</summary>
/// <param name="Image">Name of the Image tag.</param>
/// <param name="Key">Key of the task's data that holds the image.</param>
/// <param name="Brush">Name of the BrushLabels tag; null where there is none.</param>
/// <param name="Polygon">Name of the PolygonLabels tag.</param>
/// <param name="Rectangle">Name of the RectangleLabels tag.</param>
/// <param name="Labels">Labels of the tag that results go to.</param>
internal sealed record LabelConfig(string Image, string Key, string? Brush, string? Polygon, string? Rectangle, IReadOnlyList<string> Labels)
{
    /// <summary>Reads the XML; without an image in it, or where it is none, the usual names.</summary>
    /// <param name="xml">The configuration.</param>
    /// <param name="of">Name of the image that is asked about; null for the first, as where there is none of that name.</param>
    public static LabelConfig Read(string? xml, string? of = null)
    {
        var root = Parse(xml);
        XElement[] images = [.. root?.DescendantsAndSelf("Image") ?? []];
        var image = images.FirstOrDefault(i => (string?)i.Attribute("name") == of) ?? images.FirstOrDefault();
        string name = (string?)image?.Attribute("name") ?? "image", key = ((string?)image?.Attribute("value") ?? "$image").TrimStart('$');
        XElement? For(string tag) => root?.DescendantsAndSelf(tag).FirstOrDefault(t => (string?)t.Attribute("toName") == name);
        var (brush, polygon, rectangle) = (For("BrushLabels"), For("PolygonLabels"), For("RectangleLabels"));
        var labels = (brush ?? polygon ?? rectangle)?.Elements("Label").Select(l => (string?)l.Attribute("value")).OfType<string>();
        return new(name, key, Name(brush), Name(polygon), Name(rectangle), [.. labels ?? []]);
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
}
