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

    private const int MostImages = 10_000; // of a task

    private readonly CocoIndex _index;

    public LabelStudioReader(string path, AnnotationReadOptions options) : base(path, options)
    {
        _index = CocoIndex.Of(path, options.Encoding, new(), new(options.Problem ?? (_ => { })), single: true);
        Count = _index.Annotations.Count;
    }

    private protected override bool HasOwnIds => false;

    private protected override IEnumerable<AnnotatedImage> Images()
    {
        for (int i = 0; i < _index.Annotations.Count; i++)
        {
            int at = i;
            foreach (var image in Problems.Try(() => _index.Read(_index.Annotations[at], $"tasks[{at}]", ReadTask), "the image is left out") ?? [])
                yield return image;
        }
    }

    private protected override void Dispose(bool disposing) => _index?.Dispose();

    /// <summary>A task's images, mostly one; none of a task that was skipped.</summary>
    private List<AnnotatedImage> ReadTask(JsonValues v)
    {
        if (v.Has("id", out var id)) v = v.At($"task {JsonValues.Describe(id)}");
        // What a project's storage gets is an annotation a file, with its task inside.
        if (v.Has("result", out var alone) && alone.ValueKind == JsonValueKind.Array && v.Has("task", out var task) && task.ValueKind == JsonValueKind.Object)
            return ReadTask(v.Of(task, v.Place), alone);
        return ReadTask(v, null);
    }

    private List<AnnotatedImage> ReadTask(JsonValues v, JsonElement? alone)
    {
        var inside = LabelStudioImage.Inside(DataOf(v));
        var names = NamesOf(v, inside);
        var parents = new Dictionary<string, string>(); // relations go by the ids of regions, wherever these are
        var regions = names.Select((_, i) => new LabelStudioRegions(names.Count == 1 ? v : v.At($"{v.Place}, image {i + 1}"), Problems, parents)).ToList();
        if (alone is null && !v.Has("annotations", out _) && !v.Has("completions", out _) && !v.Has("predictions", out _)) regions[0].AddMinimal();
        else if ((alone ?? Chosen(v, names[0])) is { } result)
        {
            foreach (var item in result.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Object) Add(v, item, regions);
        }
        else return [];
        var images = new List<AnnotatedImage>();
        for (int i = 0; i < names.Count; i++)
        {
            // Of several pages many have no region, and nothing else tells their size.
            if (names.Count > 1 && regions[i].Width is null && inside is null && ImageFiles?.SizeOf(names[i]) is null)
            {
                v.Noted($"image {i + 1} of {names.Count} has no region", "it is not taken");
                continue;
            }
            var (width, height) = SizeOf(v, names[i], regions[i].Width, regions[i].Height, ImageFiles?.SizeOf(names[i]) ?? inside?.Size);
            images.Add(new()
            {
                FileName = OutputNames.LastPart(names[i]), Width = width, Height = height,
                Annotations = regions[i].ToAnnotations(width, height, Options.Rule),
            });
        }
        return images;
    }

    /// <summary>An item goes to the image that it names by its place in the task.</summary>
    private void Add(JsonValues v, JsonElement item, List<LabelStudioRegions> regions)
    {
        long at = regions.Count > 1 && JsonKeys.TryGet(item, "item_index", out var index) ? JsonValues.WholeNumber(index) ?? 0 : 0;
        if (at >= 0 && at < regions.Count) regions[(int)at].Add(item);
        else Problems.LeftOut(v.File, v.Place, $"a region is of image {at + 1}, and the task has {regions.Count}");
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

    private static JsonElement DataOf(JsonValues v) => v.Has("data", out var data) && data.ValueKind == JsonValueKind.Object ? data : v.Element;

    /// <summary>Names of the images of a task.</summary>
    /// <param name="v">The task.</param>
    /// <param name="inside">The image that stands in the task itself; null for none.</param>
    private static List<string> NamesOf(JsonValues v, LabelStudioImage? inside)
    {
        var data = DataOf(v);
        foreach (string key in ImageKeys)
            if (data.TryGetProperty(key, out var value) && Names(value) is { } names) return names;
        foreach (var property in data.EnumerateObject())
            if (Names(property.Value) is { } names && ImageFolder.IsImage(OutputNames.LastPart(names[0]))) return names;
        if (data.TryGetProperty("video", out _) || data.TryGetProperty("video_url", out _))
            throw v.Bad("it is of a video, whose tracks are not read; save the frames as images and annotate these");
        if (v.Has("file_upload", out var upload) && Names(upload) is { } uploaded) return uploaded;
        if (inside is not null)
        {
            string name = $"{OutputNames.Slug(v.Place)}.{inside.Extension}";
            v.Noted("its image stands in it as text and has no name", $"it is called '{name}'");
            return [name];
        }
        // An address without an ending, under a key of the project's own.
        var addresses = data.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String && JsonValues.AsText(p.Value) is { Length: < 4000 } text
            && (text.Contains("://", StringComparison.Ordinal) || text.StartsWith('/'))).Take(2).ToList();
        if (addresses is [var only] && Names(only.Value) is { } address)
        {
            v.NotedOnce($"its image is under the key '{MessageText.Cut(only.Name)}' and has no ending", "it is taken, as the only address in its task");
            return address;
        }
        throw v.Bad("it names no image");
    }

    /// <summary>A name, or a list of them as tasks of several pages have; null for anything else.</summary>
    private static List<string>? Names(JsonElement value)
    {
        JsonElement[] all = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        var names = new List<string>(all.Length);
        foreach (var one in all)
            if (one.ValueKind == JsonValueKind.String && JsonValues.AsText(one) is { Length: > 0 and < 4000 } text
                && !LabelStudioImage.Is(text)) names.Add(text);
            else return null;
        return names.Count is 0 or > MostImages ? null : names;
    }
}
