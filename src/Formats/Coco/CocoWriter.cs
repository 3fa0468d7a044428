using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Coco;

/// <summary>
/// COCO instances json. Images go straight into the file, annotations into a temporary one that is appended at the end, so that the
/// size of the set does not matter. One record a line.
/// </summary>
internal sealed class CocoWriter : AnnotationWriter
{
    private readonly AtomicFile _file, _annotations;
    private readonly CocoCategories _categories;
    private readonly Dictionary<ImageLicense, int> _licenses = [];
    private readonly HashSet<long> _imageIds = [], _annotationIds = [];
    private long _lastImage, _lastAnnotation;

    public CocoWriter(string path, AnnotationWriteOptions options) : base(path, options)
    {
        _categories = new(options.Categories);
        _file = new(path);
        try
        {
            _annotations = new(path + ".annotations");
            Put(_file, "{\"info\":");
            Put(_file, JsonText.Bytes(w =>
            {
                w.WriteStartObject();
                w.WriteString("description", options.Description ?? "");
                w.WriteString("version", "1.0");
                w.WriteString("contributor", CocoIndex.Mark); // says that keys which COCO does not have are ours
                w.WriteEndObject();
            }));
            Put(_file, ",\n\"images\":[");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private protected override void CompleteSet()
    {
        Put(_file, "\n],\n\"annotations\":[");
        _annotations.Put(s => s.Position = 0); // which writes what waits
        _file.Put(_annotations.Stream.CopyTo);
        Put(_file, "\n],\n\"categories\":[");
        PutAll(_categories.All, Write);
        Put(_file, "\n],\n\"licenses\":[");
        PutAll(_licenses.OrderBy(l => l.Value), Write);
        Put(_file, "\n]}\n");
        _file.Commit();
        _annotations.Dispose();
    }

    private protected override int WriteImage(AnnotatedImage image)
    {
        long id = IdOf(image.Id, _imageIds, ref _lastImage, $"image {image.Id}");
        Put(_file, Written.Images == 0 ? "\n" : ",\n");
        Put(_file, JsonText.Bytes(w => Write(w, image, id)));
        // Parents may come after their parts: numbers first.
        var numbers = new Dictionary<long, long>();
        var own = new long[image.Annotations.Count];
        for (int i = 0; i < own.Length; i++)
        {
            var a = image.Annotations[i];
            own[i] = IdOf(a.Id, _annotationIds, ref _lastAnnotation, $"annotation {a.Id}");
            if (a.Id is { } given) numbers.TryAdd(given, own[i]);
        }
        for (int i = 0; i < own.Length; i++)
        {
            var a = image.Annotations[i];
            long? parent = a.Parent is { } p && numbers.TryGetValue(p, out long number) ? number : null;
            Put(_annotations, _annotations.Stream.Position == 0 ? "\n" : ",\n");
            Put(_annotations, JsonText.Bytes(w => Write(w, a, own[i], id, parent)));
        }
        return own.Length;
    }

    private protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        _annotations?.Dispose();
    }

    private long IdOf(long? given, HashSet<long> used, ref long last, string place)
    {
        if (!Options.KeepIds) return ++last;
        if (given is { } id && used.Add(id))
        {
            if (id < long.MaxValue / 2) last = Math.Max(last, id);
            return id;
        }
        while (!used.Add(++last)) { }
        if (given is not null) Problems.Repaired(System.IO.Path.GetFileName(Path), place, "this id occurs twice", $"the second becomes {last}");
        return last;
    }

    private void Write(Utf8JsonWriter w, AnnotatedImage image, long id)
    {
        w.WriteStartObject();
        w.WriteNumber("id", id);
        w.WriteString("file_name", image.FileName);
        w.WriteNumber("width", image.Width);
        w.WriteNumber("height", image.Height);
        if (image.Source is { } source) w.WriteString("source", source);
        if (image.License is { } license)
        {
            if (!_licenses.TryGetValue(license, out int number)) _licenses[license] = number = _licenses.Count + 1;
            w.WriteNumber("license", number);
        }
        if (image.AbsentCategories.Count > 0)
        {
            w.WriteStartArray(CocoRecords.AbsentKey);
            foreach (var category in image.AbsentCategories) w.WriteNumberValue(_categories.Of(category).Id);
            w.WriteEndArray();
        }
        w.WriteEndObject();
    }

    private void Write(Utf8JsonWriter w, Annotation a, long id, long image, long? parent)
    {
        var category = _categories.Of(a);
        w.WriteStartObject();
        w.WriteNumber("id", id);
        w.WriteNumber("image_id", image);
        w.WriteNumber("category_id", category.Id);
        w.WritePropertyName("segmentation");
        WriteMask(w, a);
        AnnotationFields.WriteBox(w, "bbox", a.Mask.BoxXywh);
        w.WriteNumber("area", a.Mask.Area);
        w.WriteNumber("iscrowd", a.IsCrowd ? 1 : 0);
        if (parent is { } p) w.WriteNumber("parent", p);
        if (a.Role is null && category.Role is not null) w.WriteNull("level");
        AnnotationFields.Write(w, a);
        AnnotationFields.Write(w, "whole_score", a.Whole?.Score);
        AnnotationFields.Write(w, "part_score", a.Part?.Score);
        w.WriteEndObject();
    }

    /// <summary>Crowds are run lengths in COCO, and an empty mask has no polygon.</summary>
    private void WriteMask(Utf8JsonWriter w, Annotation a)
    {
        if (Options.Polygons != true || a.IsCrowd || a.Mask.IsEmpty)
        {
            Segmentation.Write(w, a.Mask);
            return;
        }
        Segmentation.Write(w, Outline(a.Mask, PolygonRule.Center));
    }

    private static void Write(Utf8JsonWriter w, AnnotationCategory category)
    {
        w.WriteStartObject();
        w.WriteNumber("id", category.Id);
        w.WriteString("name", category.Name);
        if (category.Supercategory is { } family) w.WriteString("supercategory", family);
        if (category.Role is { } role) w.WriteString("level", AnnotationFields.Name(role));
        w.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter w, KeyValuePair<ImageLicense, int> license)
    {
        w.WriteStartObject();
        w.WriteNumber("id", license.Value);
        ImageFields.Write(w, license.Key);
        w.WriteEndObject();
    }

    private void PutAll<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        string between = "\n";
        foreach (var item in items)
        {
            Put(_file, between);
            Put(_file, JsonText.Bytes(w => write(w, item)));
            between = ",\n";
        }
    }

    private static void Put(AtomicFile file, string text) => Put(file, System.Text.Encoding.UTF8.GetBytes(text));

    private static void Put(AtomicFile file, byte[] bytes) => file.Put(bytes);
}
