using System.Globalization;
using System.Text;
using System.Xml;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Formats.Cvat;

/// <summary>
/// CVAT for images 1.1: masks as CVAT's run lengths, or polygons (an island each, tied by group_id). Labels come first in the file, so
/// images wait in a temporary one.
/// </summary>
internal sealed class CvatWriter : AnnotationWriter
{
    private static readonly XmlWriterSettings Fragment = new()
    {
        ConformanceLevel = ConformanceLevel.Fragment, Indent = true, OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n",
        CloseOutput = false,
    };

    private readonly AtomicFile _file, _images;
    private readonly Dictionary<string, SortedSet<string>> _labels = []; // with the attributes in use
    private readonly List<string> _order = [];
    private readonly HashSet<string> _told = new(StringComparer.Ordinal); // texts that were repaired

    public CvatWriter(string path, AnnotationWriteOptions options) : base(path, options)
    {
        _file = new(path);
        try
        {
            _images = new(path + ".images");
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        foreach (var category in options.Categories)
            Label(Text(PlainNames.Of(category), ""));
    }

    /// <inheritdoc/>
    private protected override void CompleteSet()
    {
        Put("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n");
        _file.Put(WriteHead);
        Put("\n");
        _images.Put(s => s.Position = 0); // which writes what waits
        _file.Put(_images.Stream.CopyTo);
        Put("</annotations>\n");
        _file.Commit();
        _images.Dispose();
    }

    private protected override int WriteImage(AnnotatedImage image)
    {
        long start = _images.Stream.Position;
        try
        {
            // Not by way of memory: outlines of all of an image can be more than that holds.
            _images.Put(stream =>
            {
                using var xml = XmlWriter.Create(stream, Fragment);
                Write(xml, image);
            });
        }
        catch (AnnotationFileException)
        {
            _images.Put(stream => stream.SetLength(start)); // an image whole or not at all
            throw;
        }
        _images.Put("\n"u8);
        return image.Annotations.Count;
    }

    private protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        _images?.Dispose();
    }

    private void Write(XmlWriter xml, AnnotatedImage image)
    {
        var groups = new ShapeGroups(image);
        xml.WriteStartElement("image");
        Attribute(xml, "id", Written.Images);
        xml.WriteAttributeString("name", Text(image.FileName, image.FileName));
        Attribute(xml, "width", image.Width);
        Attribute(xml, "height", image.Height);
        foreach (var a in image.Annotations)
        {
            if (Options.Polygons != true || a.Mask.IsEmpty)
            {
                Shape(xml, image, "mask", a, groups.For(a, PlainNames.Of(a), 1), () => Mask(xml, a.Mask), withFields: true);
                continue;
            }
            var polygons = Outline(a.Mask, PolygonRule.Center);
            int? group = groups.For(a, PlainNames.Of(a), polygons.Count);
            for (int i = 0; i < polygons.Count; i++)
            {
                var polygon = polygons[i];
                Shape(xml, image, "polygon", a, group,
                    () => xml.WriteAttributeString("points", string.Join(';', polygon.Select(p => FormattableString.Invariant($"{p.X:0.##},{p.Y:0.##}")))),
                    withFields: i == 0);
            }
        }
        xml.WriteEndElement();
    }

    private void Shape(XmlWriter xml, AnnotatedImage image, string element, Annotation a, int? group, Action geometry, bool withFields)
    {
        string label = Text(PlainNames.Of(a), image.FileName);
        xml.WriteStartElement(element);
        xml.WriteAttributeString("label", label);
        xml.WriteAttributeString("source", "auto");
        xml.WriteAttributeString("occluded", "0");
        geometry();
        Attribute(xml, "z_order", 0);
        if (group is { } number) Attribute(xml, "group_id", number);
        var declared = Label(label);
        if (withFields)
            foreach (var (name, value) in CvatAttributes.Of(a))
            {
                declared.Add(name);
                xml.WriteStartElement("attribute");
                xml.WriteAttributeString("name", name);
                xml.WriteString(Text(value, image.FileName));
                xml.WriteEndElement();
            }
        xml.WriteEndElement();
    }

    /// <summary>Run lengths along the rows of the mask's box, background first.</summary>
    private static void Mask(XmlWriter xml, Rle mask)
    {
        BoxI box = mask.IsEmpty ? new(0, 0, 1, 1) : mask.Bounds;
        var runs = new StringBuilder();
        foreach (int run in mask.Crop(box).Transposed().Counts)
        {
            if (runs.Length > 0) runs.Append(", ");
            runs.Append(CultureInfo.InvariantCulture, $"{run}");
        }
        xml.WriteAttributeString("rle", runs.ToString());
        Attribute(xml, "left", box.Left);
        Attribute(xml, "top", box.Top);
        Attribute(xml, "width", box.Width);
        Attribute(xml, "height", box.Height);
    }

    private void WriteLabel(XmlWriter xml, string label)
    {
        xml.WriteStartElement("label");
        xml.WriteElementString("name", label);
        xml.WriteElementString("type", "any");
        xml.WriteStartElement("attributes");
        foreach (string name in _labels[label])
        {
            xml.WriteStartElement("attribute");
            xml.WriteElementString("name", name);
            xml.WriteElementString("mutable", "False");
            xml.WriteElementString("input_type", "text");
            xml.WriteElementString("default_value", "");
            xml.WriteElementString("values", "");
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    /// <summary>A text without the characters that XML cannot hold, however they are written: control characters and halves of pairs.</summary>
    private string Text(string text, string place)
    {
        if (IsXml(text)) return text;
        string safe = string.Concat(FolderPath.WithoutLoneSurrogates(text).Select(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '_'));
        if (_told.Add(text))
            Problems.Repaired(System.IO.Path.GetFileName(Path), place, $"'{MessageText.Cut(text)}' has a character that XML cannot hold", "it becomes '_'");
        return safe;
    }

    private static bool IsXml(string text)
    {
        try
        {
            XmlConvert.VerifyXmlChars(text);
            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private SortedSet<string> Label(string label)
    {
        if (_labels.TryGetValue(label, out var attributes)) return attributes;
        _order.Add(label);
        return _labels[label] = new(StringComparer.Ordinal);
    }

    private static void Attribute(XmlWriter xml, string name, int value) => xml.WriteAttributeString(name, value.ToString(CultureInfo.InvariantCulture));

    private void Put(string text) => _file.Put(Encoding.UTF8.GetBytes(text));

    private void WriteHead(Stream stream)
    {
        using var xml = XmlWriter.Create(stream, Fragment);
        xml.WriteElementString("version", "1.1");
        xml.WriteStartElement("meta");
        xml.WriteStartElement("task");
        xml.WriteElementString("name", Text(System.IO.Path.GetFileNameWithoutExtension(Path), ""));
        xml.WriteElementString("size", Written.Images.ToString(CultureInfo.InvariantCulture));
        xml.WriteElementString("mode", "annotation");
        xml.WriteElementString("overlap", "0");
        xml.WriteStartElement("labels");
        foreach (string label in _order) WriteLabel(xml, label);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
