using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Png;

namespace SemanticSam.Formats.Voc;

/// <summary>
/// Masks in the layout of PASCAL VOC, as CVAT's "Segmentation mask 1.1" and LabelMe's converter write them: where a PNG of objects lies beside that of
/// classes each object is an annotation, else each class is one.
/// </summary>
internal sealed class VocReader : AnnotationReader
{
    /// <summary>Masks of an image; an image of more colors was saved as JPEG, or resized.</summary>
    private const int MostMasks = 10_000;

    /// <summary>Neither a class nor an object.</summary>
    private const int Nothing = -1;

    private readonly VocLayout _layout;
    private readonly VocLabels _labels;
    private readonly Formats.ImageFolder? _own;

    public VocReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        string folder = File.Exists(path) ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))! : path;
        _layout = new(VocLayout.Roots(folder) is [var root, ..] ? root
            : throw new AnnotationFileException(path, "", "there is no folder SegmentationClass or SegmentationObject with PNGs in it, and no folder of masks "
                + $"with {CamVidLayout.Lists[0]} beside it"));
        _labels = new(_layout, options, Problems);
        _own = _layout.Images is { } images ? new(images) : null;
        Categories = _labels.Categories;
        Count = _layout.Items.Count;
        string name = System.IO.Path.GetFileName(System.IO.Path.GetFullPath(_layout.Root));
        if (_layout.IsOfClassesAlone) Problems.Noted(name, "", "it has masks of classes alone", "all pixels of a class in an image are one mask");
        else if (!_layout.HasObjects) Problems.Noted(name, "", "there is no SegmentationObject", "all pixels of a class in an image are one mask");
        if (_layout.HasBoxes) Problems.Noted(name, "", "beside the masks are boxes (Annotations)", "masks are read, boxes are not");
    }

    private protected override bool HasOwnIds => false;

    private protected override string NameOf(AnnotatedImage image) => image.FileName;

    private protected override IEnumerable<AnnotatedImage> Images() =>
        _layout.Items.Select(item => Problems.Try(() => Read(item), "the image is left out")).OfType<AnnotatedImage>();

    private AnnotatedImage Read(VocLayout.Item item)
    {
        var (name, image) = NameOf(item);
        var size = image is null ? null : Formats.ImageFolder.SizeOfFile(image);
        if (item.List is not null)
        {
            if (size is not (var columns, var rows)) throw new AnnotationFileException(item.List, item.Stem, "it has neither a mask nor an image");
            Problems.Noted(item.List, item.Stem, "it has no mask", "it is taken as an image without objects");
            return new() { FileName = name, Width = columns, Height = rows };
        }
        if (image is null)
            Problems.NotedOnce(System.IO.Path.GetFileName(System.IO.Path.GetFullPath(_layout.Root)), "the images of masks are not at hand",
                "they are called as the masks are, with the ending .jpg");
        var (classes, objects) = Planes(item);
        var (w, h) = ((classes ?? objects)!.Width, (classes ?? objects)!.Height);
        string file = item.Stem + ".png";
        if (size is { } own && own != (w, h) && own != (h, w))
            throw new AnnotationFileException(file, "", $"its mask is {w} x {h}, but its image is {own.Width} x {own.Height}");
        using var nothing = JsonDocument.Parse("{}");
        var (width, height) = SizeOf(new JsonValues(nothing.RootElement, file, "", Problems.Refuses ? null : Problems), name, w, h, size, image);
        if ((width, height) != (w, h))
            throw new AnnotationFileException(file, "", $"its mask is {w} x {h}, but its image is {width} x {height}");
        return new() { FileName = name, Width = width, Height = height, Annotations = Annotations(classes, objects, file, width, height) };
    }

    /// <summary>The name of an image, and where it is.</summary>
    private (string Name, string? Path) NameOf(VocLayout.Item item)
    {
        string stem = item.Stem;
        string? last = item.Image is { } known ? System.IO.Path.GetFileName(known) : null;
        foreach (var folder in ((Formats.ImageFolder?[])[ImageFiles, _own]).OfType<Formats.ImageFolder>())
            if ((folder.Find(stem + ".jpg") ?? (last is null ? null : folder.Find(last))) is { } found)
            {
                string relative = System.IO.Path.GetRelativePath(folder.Folder, found).Replace('\\', '/');
                return (relative.StartsWith("..", StringComparison.Ordinal) ? System.IO.Path.GetFileName(found) : relative, found);
            }
        return item.Image is null ? (stem + ".jpg", null) : (stem + System.IO.Path.GetExtension(item.Image), item.Image);
    }

    /// <summary>Classes and objects; one of them may be missing or damaged, and the other is taken.</summary>
    private (VocPng? Classes, VocPng? Objects) Planes(VocLayout.Item item)
    {
        string classFile = item.Image is null ? $"SegmentationClass/{item.Stem}.png" : System.IO.Path.GetFileName(item.Classes!);
        string objectFile = $"SegmentationObject/{item.Stem}.png";
        VocPng? ReadObjects() => item.Objects is null ? null : VocPng.Read(item.Objects, objectFile, v => v == 255 ? VocLabels.Void : v);
        if (item.Classes is null)
        {
            var only = ReadObjects();
            Problems.Repaired(objectFile, "", "there is no PNG of classes of that name", "its objects have no names");
            return (null, only);
        }
        if (item.Objects is null)
        {
            var alone = VocPng.Read(item.Classes, classFile, _labels.ColorOfNumber);
            if (_layout.HasObjects)
                Problems.Repaired(classFile, "", "there is no PNG of objects of that name", "all pixels of a class are one mask");
            return (alone, null);
        }
        var classes = Problems.Try(() => VocPng.Read(item.Classes, classFile, _labels.ColorOfNumber), "its objects have no names");
        if (classes is null) return (null, ReadObjects());
        var objects = Problems.Try(() => ReadObjects() is { } read && (read.Width, read.Height) == (classes.Width, classes.Height) ? read
            : throw new AnnotationFileException(objectFile, "", $"it has not the size of the PNG of classes, {classes.Width} x {classes.Height}"),
            "all pixels of a class are one mask");
        return (classes, objects);
    }

    private List<Annotation> Annotations(VocPng? classes, VocPng? objects, string file, int width, int height)
    {
        // Each object by its class, and what of a class is no object's.
        var numbers = new Dictionary<(int Object, int Color), ushort>();
        var values = new ushort[width * height];
        (int, int) last = (Nothing, Nothing);
        ushort number = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int color = classes?.Colors[i] ?? Nothing, thing = objects?.Colors[i] ?? Nothing;
            if ((thing, color) != last)
            {
                last = (thing, color);
                var key = (thing is VocLabels.Black or VocLabels.Void ? Nothing : thing, color == Nothing || _labels.IsNothing(color) ? Nothing : color);
                if (key == (Nothing, Nothing)) number = 0;
                else if (!numbers.TryGetValue(key, out number))
                {
                    if (numbers.Count == MostMasks)
                        throw new AnnotationFileException(file, "",
                            $"it has more than {MostMasks} masks, as PNGs have that were a JPEG, or were resized smoothly");
                    numbers[key] = number = (ushort)(numbers.Count + 1);
                }
            }
            values[i] = number;
        }
        Tell(numbers.Keys, classes is not null && objects is not null, file);
        var masks = new IndexMasks(values, height, width);
        return [.. numbers.OrderBy(n => n.Value).Select(n => new Annotation { Mask = masks[n.Value], Whole = Named(n.Key.Color) })];
    }

    private void Tell(IReadOnlyCollection<(int Object, int Color)> masks, bool both, string file)
    {
        foreach (int color in masks.Select(m => m.Color).Where(c => c != Nothing && _labels.NameOf(c) is null).Distinct())
            Problems.Repaired(file, "", $"no class has the color {color >> 16},{color >> 8 & 255},{color & 255}", $"it is called '{Hexadecimal(color)}'");
        if (!both) return;
        if (masks.Any(m => m.Color == Nothing)) Problems.Repaired(file, "", "an object has no class", "it has no name");
        if (masks.Any(m => m.Object == Nothing)) Problems.Noted(file, "", "pixels of a class belong to no object", "those of each class are one mask");
        if (masks.Where(m => m.Object != Nothing && m.Color != Nothing).GroupBy(m => m.Object).Any(o => o.Count() > 1))
            Problems.Noted(file, "", "an object has several classes", "it is an object of each");
    }

    private AnnotationName? Named(int color) => color == Nothing ? null : PlainNames.Read(_labels.NameOf(color) ?? Hexadecimal(color));

    private static string Hexadecimal(int color) => FormattableString.Invariant($"#{color:x6}");
}
