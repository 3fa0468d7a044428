using System.Text.Json;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.LabelStudio;

/// <summary>
/// Label Studio's exports JSON and JSON_MIN: a list of tasks with rectangles, polygons, ellipses and brushes; relations such as "part of" become
/// parents. Of several annotations of a task the true one is taken, else the first; predictions only where nobody annotated.
/// </summary>
internal sealed class LabelStudioReader : AnnotationReader
{
    /// <summary>Keys under which tasks have their image, likeliest first.</summary>
    private static readonly string[] ImageKeys = ["image", "img", "image_url", "url", "photo", "picture", "ocr"];

    private readonly CocoIndex _index;

    public LabelStudioReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _index = CocoIndex.Of(path, options.Encoding, new(), new(options.Problem ?? (_ => { })));
        Count = _index.Annotations.Count;
    }

    private protected override bool HasOwnIds => false;

    private protected override IEnumerable<AnnotatedImage> Images()
    {
        for (int i = 0; i < _index.Annotations.Count; i++)
        {
            int at = i;
            AnnotatedImage? image = null;
            if (Problems.TryRead(() => _index.Read(_index.Annotations[at], $"tasks[{at}]", ReadTask), out var read, "the image is left out")
                ) image = read.Image;
            if (image is not null) yield return image;
        }
    }

    private protected override void Dispose(bool disposing) => _index?.Dispose();

    /// <summary>A task's image; none for one that was skipped.</summary>
    private readonly record struct Task(AnnotatedImage? Image);

    private Task ReadTask(JsonValues v)
    {
        if (v.Has("id", out var id)) v = v.At($"task {JsonValues.Describe(id)}");
        string name = NameOf(v);
        var regions = new LabelStudioRegions(v, Problems);
        if (!v.Has("annotations", out _) && !v.Has("completions", out _) && !v.Has("predictions", out _)) regions.AddMinimal();
        else if (Chosen(v, name) is { } result)
        {
            foreach (var item in result.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Object) regions.Add(item);
        }
        else return default;
        var (width, height) = SizeOf(v, name, regions.Width, regions.Height);
        return new(
            new() { FileName = OutputNames.LastPart(name), Width = width, Height = height, Annotations = regions.ToAnnotations(width, height, Options.Rule) });
    }

    /// <summary>The result to take; null when the task was skipped.</summary>
    private JsonElement? Chosen(JsonValues v, string name)
    {
        var made = new List<JsonElement>();
        int skipped = 0;
        foreach (string key in (string[])["annotations", "completions"]) // the second is of versions before 1.0
            if (v.Has(key, out var list) && list.ValueKind == JsonValueKind.Array)
                foreach (var a in list.EnumerateArray())
                {
                    if (a.ValueKind != JsonValueKind.Object || !a.TryGetProperty("result", out var r) || r.ValueKind != JsonValueKind.Array) continue;
                    if (a.TryGetProperty("was_cancelled", out var cancelled) && cancelled.ValueKind == JsonValueKind.True) skipped++;
                    else if (a.TryGetProperty("ground_truth", out var truth) && truth.ValueKind == JsonValueKind.True) made.Insert(0, r);
                    else made.Add(r);
                }
        if (made.Count > 1) v.Noted($"'{MessageText.Cut(name)}' has {made.Count} annotations", "the true one is taken, else the first");
        if (made.Count > 0) return made[0];
        if (skipped > 0)
        {
            v.Noted("the task was skipped", "its image is not taken");
            return null;
        }
        if (v.Has("predictions", out var predictions) && predictions.ValueKind == JsonValueKind.Array)
            foreach (var p in predictions.EnumerateArray())
                if (p.ValueKind == JsonValueKind.Object && p.TryGetProperty("result", out var r) && r.ValueKind == JsonValueKind.Array)
                {
                    v.Noted("nobody has annotated the task", "its prediction is taken");
                    return r;
                }
        using var none = JsonDocument.Parse("[]");
        return none.RootElement.Clone();
    }

    private static string NameOf(JsonValues v)
    {
        var data = v.Has("data", out var d) && d.ValueKind == JsonValueKind.Object ? d : v.Element;
        foreach (string key in ImageKeys)
            if (data.TryGetProperty(key, out var value) && Name(value) is { } name) return name;
        foreach (var property in data.EnumerateObject())
            if (Name(property.Value) is { } name && ImageFolder.IsImage(OutputNames.LastPart(name))) return name;
        if (v.Has("file_upload", out var upload) && Name(upload) is { } uploaded) return uploaded;
        throw v.Bad("it names no image");
    }

    private static string? Name(JsonElement value)
    {
        // Tasks of several images name a list of them.
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1) value = value[0];
        return value.ValueKind == JsonValueKind.String && JsonValues.AsText(value) is { Length: > 0 and < 4000 } text ? text : null;
    }
}
