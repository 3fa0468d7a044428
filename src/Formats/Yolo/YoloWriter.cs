using System.Globalization;
using System.Text;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// YOLO's segmentation labels: labels/NAME.txt an image and data.yaml for the names; an existing data.yaml is extended. One polygon
/// an object: holes are cut open, and islands joined by lines (or made objects of their own). Crowds are left out, as YOLO's own
/// converters do.
/// </summary>
internal sealed class YoloWriter : AnnotationWriter
{
    private readonly OutputNames _files;
    private readonly Dictionary<string, int> _names = [];
    private readonly SortedDictionary<int, string> _declared = []; // also of names that are there twice
    private int _next;

    public YoloWriter(string path, AnnotationWriteOptions options) : base(path, options)
    {
        _files = new(System.IO.Path.Combine(path, YoloReader.LabelFolder));
        // What is there already keeps its meaning: labels of images that were written before name classes by their index.
        if (FileKinds.Of(System.IO.Path.Combine(path, ClassNames.File)) == FileKind.Regular) // a link that leads nowhere is none
            foreach (var (index, name) in ClassNames.Of(path, null, null, Problems))
            {
                _declared[index] = name;
                _names.TryAdd(NameBlanks.Tidy(name), index);
                _next = Math.Max(_next, index + 1);
            }
        foreach (var category in options.Categories) Index(PlainNames.Of(category));
    }

    /// <inheritdoc/>
    private protected override void CompleteSet()
    {
        var yaml = new StringBuilder($"path: .\ntrain: {YoloReader.ImageFolder}\nval: {YoloReader.ImageFolder}\nnames:\n");
        foreach (var (index, name) in _declared) yaml.Append(CultureInfo.InvariantCulture, $"  {index}: {ClassNames.Quoted(name)}\n");
        Save(System.IO.Path.Combine(Path, ClassNames.File), yaml.ToString());
    }

    private protected override int WriteImage(AnnotatedImage image)
    {
        string path = PathFor(image, _files) + ".txt";
        using var file = new AtomicFile(path);
        var lines = new StringBuilder(); // of one annotation: those of an image can be more than memory holds
        int written = 0;
        for (int i = 0; i < image.Annotations.Count; i++)
        {
            var a = image.Annotations[i];
            string? fault = a.IsCrowd ? "a crowd has no place in YOLO's labels" : a.Mask.IsEmpty ? "an empty mask has no outline" : null;
            if (fault is not null)
            {
                LeftOut($"{image.FileName}, annotation {a.Id ?? i + 1}", fault);
                continue;
            }
            var outline = Outline(a.Mask, PolygonRule.Inclusive, joined: !Options.SplitIslands);
            foreach (var polygon in Options.SplitIslands ? outline.Select(Bridges.WithoutAny) : outline)
            {
                lines.Append(CultureInfo.InvariantCulture, $"{Index(PlainNames.Of(a))}");
                foreach (var (x, y) in polygon) lines.Append(CultureInfo.InvariantCulture, $" {Share(x / image.Width)} {Share(y / image.Height)}");
                lines.Append('\n');
            }
            foreach (var piece in lines.GetChunks()) file.Put(Encoding.UTF8.GetBytes(piece.ToArray()));
            lines.Clear();
            written++;
        }
        file.Commit(Durability.Cached);
        return written;
    }

    private int Index(string name)
    {
        if (_names.TryGetValue(name, out int index)) return index;
        _declared[_next] = name;
        return _names[name] = _next++;
    }

    /// <summary>Nine digits: a hundredth of a pixel on the longest side there is, and no rounding to the pixel before.</summary>
    private static string Share(double value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static void Save(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AtomicFile.Write(path, bytes, Durability.Cached);
    }
}
