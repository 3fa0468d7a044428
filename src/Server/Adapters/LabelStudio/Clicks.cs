using SemanticSam.Engine;
using SemanticSam.Formats;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.LabelStudio;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;
using SemanticSam.Server.Api;

namespace SemanticSam.Server.Adapters.LabelStudio;

/// <summary>The image that a region was made on.</summary>
/// <param name="Tag">Name of its tag; null where the region does not say.</param>
/// <param name="Item">Its number, from 0, where the tag shows several.</param>
/// <param name="Rotation">By how many degrees it was turned in the editor; the coordinates of regions are those of the upright image nevertheless.</param>
internal readonly record struct ClickedImage(string? Tag, int Item, double Rotation);

/// <summary>
/// What a person drew with smart tools, as a prompt. Label Studio counts in percent of the picture, which needs no size of its own; a turned rectangle is
/// asked by its extent, and areas that were drawn are rough masks.
/// </summary>
internal sealed class Clicks
{
    private readonly List<PointPrompt> _points = [];
    private readonly List<BoxF> _boxes = [];
    private readonly List<string> _names = [];
    private readonly List<string> _leftOut = [];
    private Rle? _area;

    private Clicks()
    {
    }

    /// <summary>The label that was chosen with the last of them that has one.</summary>
    public string? Label { get; private set; }

    /// <summary>Types of regions that say nothing to a model.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Null where nothing can be asked.</summary>
    public Prompt? Prompt { get; private set; }

    /// <summary>Where the last of them was made.</summary>
    public static ClickedImage Image(IReadOnlyList<Loose> regions) => regions.Count > 0 ? Image(regions[^1]) : new(null, 0, 0);

    private static ClickedImage Image(Loose region) => new(region["to_name"].Text, (int)Math.Clamp(region["item_index"].Number ?? 0, 0, int.MaxValue),
        region["image_rotation"].Number ?? 0);

    /// <summary>Reads regions of an image.</summary>
    /// <param name="regions">All of them.</param>
    /// <param name="image">The image; regions of others are left alone.</param>
    /// <param name="width">Columns of the image, upright.</param>
    /// <param name="height">Its rows.</param>
    public static Clicks Read(IReadOnlyList<Loose> regions, ClickedImage image, int width, int height)
    {
        var clicks = new Clicks();
        foreach (var region in regions)
            if (Image(region) is var own && (image.Tag is null || (own.Tag ?? image.Tag) == image.Tag) && own.Item == image.Item)
                clicks.Add(region, width, height);
        var (points, boxes, names, area) = (clicks._points, clicks._boxes, clicks._names, clicks._area);
        bool place = points.Count + boxes.Count > 0 || area is not null;
        if (place && names.Count > 0) clicks._leftOut.Add("a text beside clicks");
        if (boxes.Count > 1) clicks._leftOut.Add("rectangles before the last");
        if (place || names.Count > 0)
            clicks.Prompt = new() { Points = points, Box = boxes.Count > 0 ? boxes[^1] : null, Mask = area, Names = place ? [] : names };
        return clicks;
    }

    private void Add(Loose region, int width, int height)
    {
        var (value, type) = (region["value"], region["type"].Text ?? "");
        double Get(string key) => value[key].Number ?? throw value[key].Wrong("a number");
        double X(string key) => Get(key) / 100 * width;
        double Y(string key) => Get(key) / 100 * height;
        Label = value[type].Exists && value[type].Items is [var first, ..] ? first.Text : Label;
        switch (LabelStudioShapes.KindOf(type))
        {
            case "keypoint": _points.Add(Adapter.Point(X("x"), Y("y"), region["is_positive"].Flag ?? true)); break;
            case "rectangle": _boxes.Add(Extent(X("x"), Y("y"), X("width"), Y("height"), value["rotation"].Number ?? 0)); break;
            case not null: Cover(Area(value, type, width, height)); break;
            case null when type == "textarea": _names.AddRange(value["text"].Texts); break;
            default: _leftOut.Add("a region of a type that is none of an area"); break;
        }
    }

    /// <summary>Of a rectangle that is turned around its top left corner, clockwise on the screen.</summary>
    private static BoxF Extent(double x, double y, double width, double height, double degrees)
    {
        if (degrees == 0) return Adapter.Box(x, y, x + width, y + height);
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        double[] xs = [x, x + width * cos, x - height * sin, x + width * cos - height * sin], ys =
            [y, y + width * sin, y + height * cos, y + width * sin + height * cos];
        return Adapter.Box(xs.Min(), ys.Min(), xs.Max(), ys.Max());
    }

    private void Cover(Rle area) => _area = _area?.Union(area) ?? area;

    private static Rle Area(Loose value, string type, int width, int height)
    {
        try
        {
            return LabelStudioShapes.Pixels(new JsonValues(value.Element, "the request", "a region"), type, width, height, PolygonRule.Center);
        }
        catch (AnnotationFileException e)
        {
            throw ApiException.Bad($"A region of type '{type}' cannot be read: {e.What}.");
        }
    }
}
