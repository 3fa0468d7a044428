using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using SemanticSam.Formats.Shapes;

namespace SemanticSam.Formats.Cvat;

/// <summary>
/// CVAT for images 1.1: polygons, boxes, ellipses and masks; shapes of one label and one group_id are one object. Lines, points,
/// cuboids and the like have no pixels: they are reported and left out. Documents with a DTD are refused.
/// </summary>
internal sealed class CvatReader : AnnotationReader
{
    private readonly string _name;

    public CvatReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _name = System.IO.Path.GetFileName(path);
        var categories = new List<AnnotationCategory>();
        var names = new HashSet<string>();
        int images = 0;
        Guarded(() => CvatDepth.Require(path));
        // Once over the file: labels and number of images, and whether it is sound to its end.
        foreach (var element in Elements(["label"], ["image", "track"]))
        {
            if (element.Name.LocalName == "image") images++;
            else if (element.Name.LocalName == "track") throw new AnnotationFileException(_name, "", "this is CVAT for video (it has tracks); export it as 'CVAT for images 1.1'");
            else if (element.Element("name")?.Value.Trim() is { Length: > 0 } name && names.Add(name)) categories.Add(new(names.Count, name));
        }
        Categories = [.. categories.Where(c => c.Name != PlainNames.Unnamed)];
        Count = images;
    }

    /// <summary>No DTD, so no entities from elsewhere and none that multiply; nothing is fetched.</summary>
    public static XmlReader OpenXml(string path) =>
        XmlReader.Create(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16),
            new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CloseInput = true });

    private protected override IEnumerable<AnnotatedImage> Images() =>
        Elements(["image"], []).Select(e => Problems.Try(() => ReadImage(e), "the image is left out")).OfType<AnnotatedImage>();

    private AnnotatedImage ReadImage(XElement image)
    {
        string name = Text(image, "name");
        int width = FormatLimits.Side(Integer(image, "width"), "width", w => Bad(image, w)), height = FormatLimits.Side(Integer(image, "height"), "height", w => Bad(image, w));
        FormatLimits.Area(width, height, w => Bad(image, w));
        var shapes = new List<Shape>();
        foreach (var element in image.Elements())
        {
            if (element.Name.LocalName == "tag") continue; // a name of the image as a whole
            if (Problems.Try(() => ReadShape(element, height, width)) is { } shape) shapes.Add(shape);
        }
        return new() { FileName = name, Width = width, Height = height, Annotations = Shape.Join(shapes) };
    }

    private Shape ReadShape(XElement element, int height, int width)
    {
        string label = Text(element, "label");
        int? group = element.Attribute("group_id") is not null && Integer(element, "group_id") is var number and not 0 ? (int)number : null;
        var mask = CvatShapes.Pixels(element, height, width, Options.Rule ?? PolygonRule.Center, w => Bad(element, w));
        if (mask.IsEmpty && element.Name.LocalName != "mask") throw Bad(element, "it covers no pixel");
        var attributes = new Dictionary<string, string>();
        foreach (var attribute in element.Elements("attribute")) attributes[Text(attribute, "name")] = attribute.Value;
        var annotation = CvatAttributes.Read(attributes, new() { Mask = mask, Group = attributes.ContainsKey("id") ? null : group }, label, w => Bad(element, w));
        return new(annotation, label, group);
    }

    private string Text(XElement element, string name) => element.Attribute(name)?.Value ?? throw Bad(element, $"attribute {name} is missing");

    private long Integer(XElement element, string name) =>
        long.TryParse(Text(element, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) && value is >= -int.MaxValue and <= int.MaxValue ? value
            : throw Bad(element, $"{name} is '{Text(element, name)}', a whole number is expected");

    private AnnotationFileException Bad(XElement element, string what)
    {
        string? image = element.AncestorsAndSelf("image").FirstOrDefault()?.Attribute("name")?.Value;
        IXmlLineInfo at = element;
        return new(_name, at.HasLineInfo() ? $"line {at.LineNumber}" : "", image is null ? what : $"{element.Name.LocalName} of '{image}': {what}");
    }

    /// <summary>Elements of these names anywhere in the file, one at a time; of those in <paramref name="shallow"/> only the start tag.</summary>
    private IEnumerable<XElement> Elements(string[] names, string[] shallow)
    {
        using var xml = Guarded(() => OpenXml(Path));
        Guarded(() => xml.MoveToContent());
        if (xml.LocalName != "annotations") throw new AnnotationFileException(_name, "line 1", $"the document is <{xml.LocalName}>; CVAT's is <annotations>");
        while (Guarded(() => Next(xml, names, shallow)) is { } element) yield return element;
    }

    private static XElement? Next(XmlReader xml, string[] names, string[] shallow)
    {
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (names.Contains(xml.LocalName))
            {
                using var subtree = xml.ReadSubtree();
                return XElement.Load(subtree, LoadOptions.SetLineInfo);
            }
            if (shallow.Contains(xml.LocalName)) return new(xml.LocalName);
        }
        return null;
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (XmlException e)
        {
            bool dtd = e.Message.Contains("DTD", StringComparison.Ordinal);
            throw new AnnotationFileException(_name, $"line {e.LineNumber}", dtd
                ? "the document has a DTD, which is refused: it could name other files or multiply without end"
                : $"not valid XML: {e.Message.TrimEnd('.')}", e);
        }
    }
}
