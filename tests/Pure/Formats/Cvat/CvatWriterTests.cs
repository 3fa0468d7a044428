using System.Xml.Linq;
using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Formats.Cvat;

/// <summary>What CVAT itself needs of the file; that it comes back is shown by the round trips.</summary>
public sealed class CvatWriterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly Annotation Car = new()
    {
        Mask = Rle.FromBox(6, 8, new(1, 1, 5, 4)).Union(Rle.FromBox(6, 8, new(6, 0, 8, 2))), Id = 1, Whole = new("car", 0.5f), Role = AnnotationRole.Whole,
    };

    private XElement Written(bool polygons, params Annotation[] annotations)
    {
        string path = _folder.File("a.xml");
        using (var writer = AnnotationFiles.Create(path, AnnotationFormat.Cvat, new() { Polygons = polygons }))
        {
            writer.Write(new() { FileName = "sub/a.jpg", Width = 8, Height = 6, Annotations = annotations });
            writer.Complete();
        }
        return XDocument.Load(path).Root!;
    }

    [Fact]
    public void Polygons_TwoIslands_AreTiedByAGroupAndFollowThePixelBorders()
    {
        var root = Written(true, Car);
        Assert.Equal("1.1", root.Element("version")!.Value);
        var image = root.Element("image")!;
        Assert.Equal(("sub/a.jpg", "8", "6"), (image.Attribute("name")!.Value, image.Attribute("width")!.Value, image.Attribute("height")!.Value));
        var polygons = image.Elements("polygon").ToArray();
        Assert.Equal(2, polygons.Length);
        Assert.All(polygons, p => Assert.Equal("car", p.Attribute("label")!.Value));
        Assert.Single(polygons.Select(p => p.Attribute("group_id")!.Value).Distinct());
        Assert.NotEqual("0", polygons[0].Attribute("group_id")!.Value);
        double[] xs = [.. polygons.SelectMany(p => p.Attribute("points")!.Value.Split(';'))
            .Select(p => double.Parse(p.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal((1, 8), (xs.Min(), xs.Max()));
    }

    [Fact]
    public void Pixels_AreRunLengthsInsideTheBox()
    {
        var mask = Written(false, Car with { Mask = Rle.FromBox(6, 8, new(2, 1, 5, 3)) }).Element("image")!.Element("mask")!;
        Assert.Equal(("2", "1", "3", "2"),
            (mask.Attribute("left")!.Value, mask.Attribute("top")!.Value, mask.Attribute("width")!.Value, mask.Attribute("height")!.Value));
        Assert.Equal("0,6", mask.Attribute("rle")!.Value.Replace(" ", "")); // background first, then the six pixels
    }

    /// <summary>CVAT refuses attributes that the label does not declare.</summary>
    [Fact]
    public void Labels_DeclareEveryAttributeInUse()
    {
        var root = Written(false, Car, Car with { Id = 2, Parent = 1, Whole = new("car"), Part = new("wheel"), Role = AnnotationRole.Part, IsWeak = true });
        var declared = root.Descendants("label").ToDictionary(l => l.Element("name")!.Value,
            l => l.Descendants("name").Skip(1).Select(n => n.Value).ToHashSet());
        foreach (var shape in root.Descendants("mask"))
            foreach (var attribute in shape.Elements("attribute"))
                Assert.Contains(attribute.Attribute("name")!.Value, declared[shape.Attribute("label")!.Value]);
        Assert.Equal(["car", "wheel of car"], declared.Keys.Order());
    }
}
