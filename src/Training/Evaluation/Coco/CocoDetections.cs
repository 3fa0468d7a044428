using System.Text.Json;
using SemanticSam.Formats;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>
/// What somebody's detector found: COCO's list of results, matched by the ids of images and categories; or annotations with scores of any other format,
/// such as the engine's own results, matched by the names of images and categories.
/// </summary>
internal sealed class CocoDetections
{
    private static readonly string[] Scores = ["score", "confidence", "conf"];

    private readonly CocoSet _set;
    private readonly CocoLookup _lookup;
    private readonly FormatReport _report;
    private readonly List<CocoNumbered> _read = [];
    private readonly List<(CocoImage Image, CocoDetection Found)> _found = [];
    private bool _areNumbers; // whether image_id is the number in an image's name
    private FormatProblem? _first;
    private int _lost;

    private CocoDetections(CocoSet set, Action<FormatProblem>? problem)
    {
        (_set, _lookup) = (set, new(set));
        _report = new(problem is null ? null : Heard);

        void Heard(FormatProblem p)
        {
            if (p.IsLoss)
            {
                _first ??= p;
                _lost++;
            }
            problem(p);
        }
    }

    /// <summary>Reads them.</summary>
    /// <param name="path">File or folder.</param>
    /// <param name="set">The annotations that they speak of.</param>
    /// <param name="problem">Told of what is left out or repaired; null refuses at the first fault.</param>
    /// <returns>By image id, in the order of the file.</returns>
    /// <exception cref="AnnotationFileException">The file is damaged, or nothing in it speaks of the annotations.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ILookup<long, CocoDetection> Read(string path, CocoSet set, Action<FormatProblem>? problem)
    {
        if (!File.Exists(path) && !Directory.Exists(path)) throw new FileNotFoundException($"There is no file or folder '{path}'.", path);
        var reading = new CocoDetections(set, problem);
        if (!MayBeList(path) || !reading.ReadList(path)) reading.ReadNamed(path);
        if (reading._found.Count == 0 && reading._first is { } first)
            throw new AnnotationFileException(first.File, first.Place, reading._lost == 1 ? first.What
                : $"{first.What}; nothing is left of {reading._lost:N0} detections");
        return reading._found.ToLookup(f => f.Image.Id, f => f.Found);
    }

    private static bool MayBeList(string path)
    {
        if (!File.Exists(path)) return false;
        try
        {
            return AnnotationFiles.Recognize(path).Format == AnnotationFormat.Coco;
        }
        catch (AnnotationFileException)
        {
            // An empty list, or one whose members say themselves what they lack.
            using var text = new StreamReader(RegularFile.OpenRead(path));
            var start = new char[1 << 10];
            return start.AsSpan(0, text.ReadBlock(start)).TrimStart().StartsWith("[");
        }
    }

    /// <summary>Reads a list of results; false where the file is a set with images of its own.</summary>
    private bool ReadList(string path)
    {
        var ids = new CocoIds();
        // Who refuses odd annotations still has detections in a list, which COCO's annotations know not.
        using var index = CocoIndex.Of(path, null, ids, new(_report.Tell));
        if (!index.IsList) return false;
        var images = index.Annotations.Select(a => a.ImageId).Where(id => id != CocoIndex.NoImage && ids.TextOf(id) is null).Distinct().ToList();
        _areNumbers = _lookup.Images.AreNumbers(images);
        for (int i = 0; i < index.Annotations.Count; i++)
        {
            var record = index.Annotations[i];
            _report.TryRead(() => index.Read(record, $"detection {i + 1}",
                v => Add(new(v.Element, v.File, v.Place, _report.Refuses ? null : _report), record.ImageId, ids)), out _);
        }
        TakeShares(index.File);
        TakeCorners(index.File);
        _found.AddRange(CocoDetectionClasses.Understand(_read, _lookup, _set.Classes.Count, areNames: false, _report, index.File));
        return true;
    }

    private bool Add(JsonValues v, long imageId, CocoIds ids)
    {
        var image = ImageOf(v, imageId, ids);
        var (@class, number) = ClassOf(v);
        double score = ScoreOf(v);
        Rle? mask = Segmentation.IsThere(v) ? Segmentation.Read(v, image.Height, image.Width) : null;
        var box = BoxField.AsWritten(v) is var (x, y, width, height) ? new(x, y, width, height) : mask is not null ? CocoBox.Of(mask)
            : throw v.Bad(v.Has("bbox", out _) ? $"its box {BoxField.Describe(v)} is not [x, y, width, height]" : "it has neither a segmentation nor a bbox");
        _read.Add(new(image, number, new(@class, score, box, mask), v.Place));
        return true;
    }

    private static double ScoreOf(JsonValues v)
    {
        foreach (string key in Scores)
            if (v.Has(key, out var value))
                return JsonValues.FiniteNumber(value) ?? throw v.Bad($"{key} has to be a number, here is {JsonValues.Describe(value)}");
        throw v.Bad("key 'score' is missing");
    }

    private CocoImage ImageOf(JsonValues v, long id, CocoIds ids)
    {
        string? text = ids.TextOf(id);
        var (image, how, name) = _lookup.Images.Find(id, text, CocoKeys.Name(v, CocoImageNames<CocoImage>.Keys), _areNumbers);
        if (how == CocoImageNames<CocoImage>.By.Several) throw v.Bad($"several images of the annotations are called '{name}'");
        if (image is null && id == CocoIndex.NoImage) throw v.Bad("key 'image_id' is missing or not a whole number");
        if (image is null) throw v.Bad($"image_id {(text is null ? $"{id}" : $"'{text}'")} is not among those of the annotations");
        if (_areNumbers && text is null || how == CocoImageNames<CocoImage>.By.Number)
            _report.NotedOnce(v.File, "image_id is no id of the annotations, but the number in the name of an image", "that image is meant");
        if (how == CocoImageNames<CocoImage>.By.NameAgainstId)
            _report.NotedOnce(v.File, "image_id is that of another image than file_name names", "the name is taken");
        return image;
    }

    /// <summary>The class, or its number.</summary>
    private (int Class, long? Number) ClassOf(JsonValues v)
    {
        string? name = CocoKeys.Name(v, CocoKeys.CategoryNames);
        if (CocoKeys.Find(v, "category_id", CocoKeys.CategoryIds) is { } value)
        {
            long? id = JsonValues.WholeNumber(value) ?? (JsonValues.FiniteNumber(value) is { } number && number == (long)number ? (long)number : null);
            if (id is { } written && (name is null || _lookup.ClassOf(written) is not null)) return (0, written);
            name ??= id is null && value.ValueKind == JsonValueKind.String ? JsonValues.AsText(value) : null;
            if (name is null) throw v.Bad($"category_id has to be a whole number, here is {JsonValues.Describe(value)}");
        }
        if (name is null) throw v.Bad("key 'category_id' is missing");
        return _lookup.ClassOf(name) is { } named ? (named, null)
            : throw v.Bad($"the category '{MessageText.Cut(name)}' is not among those of the annotations");
    }

    /// <summary>Boxes that all lie within the first pixel of their image are shares of its sides.</summary>
    private void TakeShares(string file)
    {
        if (!_read.Any(d => d.Found.Mask is null) || !_read.All(d => d.Found.Mask is null && d.Found.Box is var b && Shares.Are([b.X, b.Y, b.Width, b.Height])))
            return;
        _report.Repaired(file, "", "all boxes are in shares of the images' sides", "they are multiplied by them");
        for (int i = 0; i < _read.Count; i++)
            if (_read[i] is { Image: var image, Found: { Box: var b } found } read)
                _read[i] = read with
                {
                    Found = found with { Box = new(b.X * image.Width, b.Y * image.Height, b.Width * image.Width, b.Height * image.Height) },
                };
    }

    /// <summary>
    /// Boxes of two corners look like boxes that reach out of their images: when many do, and none would as corners, they are corners.
    /// </summary>
    private void TakeCorners(string file)
    {
        var corners = new BoxCorners();
        foreach (var d in _read)
            if (d.Found is { Mask: null, Box: var b }) corners.Add((b.X, b.Y, b.Width, b.Height), d.Image.Height, d.Image.Width);
        if (!corners.Are) return;
        _report.Repaired(file, "", corners.Why, "they are taken as corners");
        for (int i = 0; i < _read.Count; i++)
            if (_read[i] is { Found: { Mask: null, Box: var box } found } read && BoxCorners.Sides((box.X, box.Y, box.Width, box.Height)) is var (x, y, w, h))
                _read[i] = read with { Found = found with { Box = new(x, y, w, h) } };
    }

    /// <summary>Annotations of any format, which name their images.</summary>
    private void ReadNamed(string path)
    {
        string file = Path.GetFileName(Path.GetFullPath(path));
        using var reader = AnnotationFiles.Open(path, options: new() { Problem = _report.Tell, Images = ImageFolder() });
        foreach (var read in reader.Read())
        {
            var image = _lookup.Images.ImageOf(read.FileName, out bool several);
            if (image is null && read.Annotations.Count > 0)
                _report.LeftOut(file, $"image '{MessageText.Cut(read.FileName)}'", several ? "several images of the annotations have its name"
                    : "it is not among those of the annotations", "what was found in it is left out");
            for (int i = 0; image is not null && i < read.Annotations.Count; i++)
            {
                var place = $"image '{MessageText.Cut(read.FileName)}', annotation {i + 1}";
                var annotation = read.Annotations[i];
                _report.TryRead(() => Add(annotation, image, file, place), out _);
            }
        }
        _found.AddRange(CocoDetectionClasses.Understand(_read, _lookup, _set.Classes.Count, areNames: true, _report, file));
    }

    private bool Add(Annotation a, CocoImage image, string file, string place)
    {
        if (a.Mask.Width != image.Width || a.Mask.Height != image.Height)
            throw new AnnotationFileException(file, place, $"it is of an image of {a.Mask.Width} x {a.Mask.Height}, and the annotations are of one of "
                + $"{image.Width} x {image.Height}");
        if ((a.Score ?? a.Part?.Score ?? a.Whole?.Score ?? a.PredictedIou) is not { } score)
            throw new AnnotationFileException(file, place, "it has no score, so it is no detection");
        string name = PlainNames.Of(a);
        var @class = _lookup.ClassOf(name) ?? _lookup.ClassOf(a.Category ?? name);
        long? number = @class is null && long.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
            out long counted) ? counted : null;
        if (@class is null && number is null)
            throw new AnnotationFileException(file, place, $"the category '{MessageText.Cut(name)}' is not among those of the annotations");
        var box = a.Written.Box is var (x, y, width, height) ? new(x, y, width, height) : CocoBox.Of(a.Mask);
        _read.Add(new(image, number, new(@class ?? 0, score, box, a.Written.IsBoxAlone ? null : a.Mask), place));
        return true;
    }

    /// <summary>Where the images lie, if they do; formats that say no sizes need them.</summary>
    private string? ImageFolder() => _set.Images.Where(i => i.Path.EndsWith(i.FileName, StringComparison.Ordinal)).Select(i => i.Path[..^i.FileName.Length])
        .FirstOrDefault(f => f.Length > 0 && Directory.Exists(f));
}
