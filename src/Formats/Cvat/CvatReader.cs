using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Formats.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Cvat;

/// <summary>
/// CVAT for images 1.1, and for video 1.1: polygons, boxes, ellipses and masks; shapes of one label and one group_id are one object. Lines, points,
/// cuboids and the like have no pixels: they are reported and left out. Documents with a DTD are refused.
/// </summary>
internal sealed class CvatReader : AnnotationReader
{
    private readonly string _name;
    private readonly CvatVideos? _videos;
    private Dictionary<XElement, Shape?> _still = []; // shapes of the frame before: those that do not move are the same elements

    public CvatReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _name = System.IO.Path.GetFileName(path);
        var categories = new List<AnnotationCategory>();
        var names = new HashSet<string>();
        int images = 0;
        Guarded(() => CvatDepth.Require(path, options.Encoding));
        var videos = new CvatVideos();
        // Once over the file: labels and number of images, and whether it is sound to its end.
        foreach (var element in Elements(Problems.Refuses ? ["label"] : ["label", "track", "meta"], Problems.Refuses ? ["image", "track"] : ["image"]))
        {
            if (element.Name.LocalName == "image") images++;
            else if (element.Name.LocalName == "track")
            {
                if (Problems.Refuses)
                    throw new AnnotationFileException(_name, "", "this is CVAT for video (it has tracks); export it as 'CVAT for images 1.1'");
                videos.Add(element);
            }
            else if (element.Name.LocalName == "meta")
            {
                videos.Tasks = CvatTask.All(element);
                foreach (var label in element.Descendants("label").Where(l => !l.Ancestors("label").Any())) Declare(label);
            }
            else Declare(element);
        }
        if (images == 0 && !videos.IsEmpty) _videos = videos;
        else if (!videos.IsEmpty)
            Problems.LeftOut(_name, "", "it has images and, beside them, tracks of a video", "the images are read, the tracks are left out");
        Categories = [.. categories.Where(c => c.Name != PlainNames.Unnamed)];
        Count = _videos is null ? images : null;
        if (_videos is null) return;
        const string Between = "between two key frames boxes move evenly";
        if (_videos.AreSeveral)
        {
            Problems.Noted(_name, "", "it is CVAT for video, of several tasks, and tells no names of images",
                $"frames are called {_videos.All.First().Name(0)} and so on, a folder a task; {Between}");
            if (ImageFiles is { } files) files.AreNamesWhole = true;
        }
        else
            Problems.Noted(_name, "", "it is CVAT for video, which tells no names of images",
                $"frames are called {_videos.All.First().Name(0)} and so on; {Between}");
        foreach (var video in _videos.All.Where(v => v.IsOffStep))
            Problems.Noted(_name, video.Task.Id is { } id ? $"task {id}" : "",
                $"it says that its frames are {video.Task.Step} apart, from {video.Task.Start} on, and has key frames between these",
                "its frames are taken as numbered one by one");

        void Declare(XElement label)
        {
            if (label.Element("name")?.Value.Trim() is { Length: > 0 } name && names.Add(name)) categories.Add(new(names.Count, name));
        }
    }

    /// <summary>No DTD, so no entities from elsewhere and none that multiply; nothing is fetched.</summary>
    public static XmlReader OpenXml(string path, string? encoding = null)
    {
        Stream stream = encoding is null ? RegularFile.OpenRead(path)
            : TextFile.Open(path, encoding, check: true).Stream;
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CloseInput = true,
        };
        return stream is MemoryStream ? XmlReader.Create(new StreamReader(stream, System.Text.Encoding.UTF8), settings) : XmlReader.Create(stream, settings);
    }

    private protected override bool HasOwnIds => true;

    private protected override IEnumerable<AnnotatedImage> Images() => _videos is not null
        ? _videos.All.SelectMany(Frames)
        : Elements(["image"], []).Select(e => Problems.Try(() => ReadImage(e), "the image is left out")).OfType<AnnotatedImage>();

    private IEnumerable<AnnotatedImage> Frames(CvatTracks tracks)
    {
        foreach (var (frame, shapes) in tracks.Frames())
            if (Problems.Try(() => ReadFrame(tracks, frame, shapes), "the frame is left out") is { } image) yield return image;
        if (tracks.FramesLeftOut > 0)
            Problems.LeftOut(_name, "", $"its key frames are so far apart that more than {tracks.MostBetween} shapes would stand between them",
                $"{tracks.FramesLeftOut} frames between key frames are left out, the first of them {tracks.FirstLeftOut}; all key frames are there");
    }

    private AnnotatedImage ReadImage(XElement image) =>
        Read(NameOf(image), Side(image, "width"), Side(image, "height"), image, [.. image.Elements()]);

    /// <summary>The name, or what the number says, as a task has it that was made of a video.</summary>
    private string NameOf(XElement image)
    {
        if (image.Attribute("name")?.Value is { Length: > 0 } name) return name;
        if (Problems.Refuses || image.Attribute("id")?.Value is not { Length: > 0 and < 20 } id) return Text(image, "name");
        name = $"{id}.jpg";
        Repaired(image, "attribute name is missing", $"it is called '{name}'");
        image.SetAttributeValue("name", name);
        return name;
    }

    private AnnotatedImage ReadFrame(CvatTracks tracks, int frame, IReadOnlyList<XElement> shapes) =>
        Read(NameOf(tracks, frame), tracks.Task.Width, tracks.Task.Height, shapes.Count == 0 ? new XElement("frame") : shapes[0], shapes);

    /// <summary>As CVAT calls it, or as it is called where the images are; of several tasks in the folder that has the task's number or name.</summary>
    private string NameOf(CvatTracks tracks, int frame)
    {
        string name = tracks.Name(frame);
        if (!_videos!.AreSeveral) return ImageFiles?.Find(name) is { } one ? System.IO.Path.GetFileName(one) : name;
        string?[] names = [name, tracks.Task.Name is { } task ? $"{task}/{System.IO.Path.GetFileName(name)}" : null];
        return names.OfType<string>().Select(n => ImageFiles?.Find(n)).OfType<string>().FirstOrDefault() is { } found
            ? System.IO.Path.GetRelativePath(ImageFiles!.Folder, found).Replace('\\', '/') : name;
    }

    private AnnotatedImage Read(string name, int? columns, int? rows, XElement at, IReadOnlyList<XElement> elements)
    {
        using var nothing = System.Text.Json.JsonDocument.Parse("{}");
        var (width, height) = SizeOf(new JsonValues(nothing.RootElement, _name, Line(at), Problems.Refuses ? null : Problems), name, columns, rows,
            drawn: () => CvatShapes.Drawn(elements));
        var shapes = new List<Shape>();
        var budget = new MaskBudget();
        var still = new Dictionary<XElement, Shape?>();
        foreach (var element in elements)
        {
            if (element.Name.LocalName == "tag") continue; // a name of the image as a whole
            if (_videos is null || !_still.TryGetValue(element, out var shape)) shape = Problems.Try(() => ReadShape(element, height, width));
            // A shape that stands still from frame to frame is one mask in memory, and counts in each.
            if (shape is { } read) shape = Problems.Try(() => budget.Take(read, element.Attributes().Sum(a => (long)a.Value.Length), w => Bad(element, w)));
            if (_videos is not null) still[element] = shape;
            if (shape is not null) shapes.Add(shape);
        }
        _still = still;
        return new() { FileName = name, Width = width, Height = height, Annotations = Shape.Join(shapes) };
    }

    private Shape ReadShape(XElement element, int height, int width)
    {
        string? label = element.Attribute("label")?.Value;
        if (label is null)
        {
            Repaired(element, "attribute label is missing", "it has no name");
            label = "";
        }
        int? group = element.Attribute("group_id")?.Value is { } text && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number)
            && number != 0 ? number : null;
        var mask = CvatShapes.Pixels(element, height, width, Options.Rule ?? PolygonRule.Center, w => Bad(element, w),
            (what, done) => Repaired(element, what, done));
        if (mask.IsEmpty && element.Name.LocalName != "mask") throw Bad(element, "it covers no pixel");
        var attributes = new Dictionary<string, string>();
        foreach (var attribute in element.Elements("attribute"))
            if (attribute.Attribute("name")?.Value is { } name) attributes[name] = attribute.Value;
        var annotation = CvatAttributes.Read(attributes, new() { Mask = mask, Group = CvatAttributes.Any(attributes) ? null : group }, label,
            w => Repaired(element, w, "it is ignored"));
        return new(annotation, label, group);
    }

    private string Text(XElement element, string name) => element.Attribute(name)?.Value ?? throw Bad(element, $"attribute {name} is missing");

    /// <summary>A side of an image; null when the file says none that can be, and the image itself may tell.</summary>
    private int? Side(XElement image, string name)
    {
        if (long.TryParse(image.Attribute(name)?.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out long side) && side is >= 1
            and <= FormatLimits.LargestSide) return (int)side;
        if (ImageFiles?.Find(Text(image, "name")) is not null) return null;
        string text = Text(image, name);
        throw Bad(image, long.TryParse(text, out side) ? $"{name} is {side}; it has to be 1 to {FormatLimits.LargestSide}"
            : $"{name} is '{text}', a whole number is expected");
    }

    private void Repaired(XElement element, string what, string done)
    {
        var e = Bad(element, what);
        Problems.Repaired(e.File, e.Place, e.What, done);
    }

    private AnnotationFileException Bad(XElement element, string what)
    {
        string? image = element.AncestorsAndSelf("image").FirstOrDefault()?.Attribute("name")?.Value;
        return new(_name, Line(element), image is null ? what : $"{element.Name.LocalName} of '{image}': {what}");
    }

    private static string Line(XElement element) => (IXmlLineInfo)element is { } at && at.HasLineInfo() ? $"line {at.LineNumber}" : "";

    /// <summary>Elements of these names anywhere in the file, one at a time; of those in <paramref name="shallow"/> only the start tag.</summary>
    private IEnumerable<XElement> Elements(string[] names, string[] shallow)
    {
        using var xml = Guarded(() => OpenXml(Path, Options.Encoding));
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
            throw CvatFault.Of(e, Path, _name);
        }
    }
}
