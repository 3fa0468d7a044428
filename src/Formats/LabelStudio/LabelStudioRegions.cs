using System.Text.Json;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.LabelStudio;

/// <summary>
/// The regions of an image of a task. Coordinates are hundredths of the image's sides; a region may stand in several items, by one id.
/// </summary>
/// <param name="task">The task.</param>
/// <param name="report">Told of what is left out.</param>
/// <param name="parents">Parents by ids of regions; shared by the images of a task.</param>
internal sealed class LabelStudioRegions(JsonValues task, FormatReport report, Dictionary<string, string> parents)
{
    private static readonly string[] PartOf = ["part of", "is part of", "part_of", "partof", "of", "belongs to", "component of", "in", "inside"];
    private static readonly string[] HasPart = ["has part", "has_part", "has", "contains", "consists of", "includes", "whole of"];

    private readonly List<(string? Id, string Type, JsonElement Value, float? Score)> _shapes = [];
    private readonly Dictionary<string, string> _labels = [];

    public int? Width { get; private set; }

    public int? Height { get; private set; }

    /// <summary>An item of a result.</summary>
    public void Add(JsonElement item)
    {
        var v = task.Of(item, task.Place);
        var own = new OwnFields(v, false);
        string type = own.Text("type") ?? "";
        if (type == "relation")
        {
            Relate(v);
            return;
        }
        Width ??= v.OptionalSide("original_width");
        Height ??= v.OptionalSide("original_height");
        if (own.Number("image_rotation") is { } turned && turned % 360 != 0)
            v.NotedOnce($"images were turned while they were annotated, such as one by {turned:0.##} degrees",
                "regions are of the image that is not turned, as Label Studio stores them");
        if (!v.Has("value", out var value) || value.ValueKind != JsonValueKind.Object)
        {
            if (IsShape(type)) report.LeftOut(v.File, $"{v.Place}, region {own.Text("id") ?? "without an id"}", "key 'value' is missing");
            return;
        }
        string? id = own.Text("id");
        if (LabelOf(value) is { } label && id is not null) _labels.TryAdd(id, label);
        if (type.Length == 0) type = TypeOf(value);
        if (IsShape(type)) _shapes.Add((id, type, value, own.Number("score")));
    }

    /// <summary>
    /// The regions of JSON_MIN: lists under the names of the labeling interface's controls. A region's box, its name, and what was chosen or written of it
    /// stand in the lists of several.
    /// </summary>
    public void AddMinimal()
    {
        var places = new LabelStudioPlaces();
        foreach (var property in task.Element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Array) continue;
            places.NextControl();
            foreach (var value in property.Value.EnumerateArray())
            {
                if (value.ValueKind != JsonValueKind.Object) continue;
                var v = task.Of(value, task.Place);
                Width ??= v.OptionalSide("original_width");
                Height ??= v.OptionalSide("original_height");
                if (TypeOf(value) is not { } type || !IsShape(type)) continue;
                var (isKnown, number) = places.Of(value, _shapes.Count);
                if (!isKnown) _shapes.Add((null, type, value, null));
                else if (LabelOf(value) is { } label) Name(number, type, value, label);
            }
        }
    }

    private void Name(int number, string type, JsonElement value, string label)
    {
        if (LabelOf(_shapes[number].Value) is not { } first) _shapes[number] = (null, type, value, null);
        else if (first != label) report.NotedOnce(task.File, "regions have several labels", "the first of each is taken");
    }

    public IReadOnlyList<Annotation> ToAnnotations(int width, int height, PolygonRule? rule)
    {
        var annotations = new List<Annotation>();
        var budget = new MaskBudget();
        var numbers = new Dictionary<string, long>();
        var seen = new HashSet<string>();
        var parentOf = new List<string?>();
        for (int i = 0; i < _shapes.Count; i++)
        {
            var (id, type, value, score) = _shapes[i];
            if (id is not null && !seen.Add(id)) continue; // one region, once as a shape and once with its label
            var v = task.Of(value, $"{task.Place}, region {id ?? $"{i + 1}"}");
            string? label = LabelOf(value) ?? (id is not null ? _labels.GetValueOrDefault(id) : null);
            var mask = report.Try(() => budget.Take(LabelStudioShapes.Pixels(v, type, width, height, rule ?? PolygonRule.Center), value, v.Bad));
            if (mask is null) continue;
            long number = annotations.Count + 1;
            if (id is not null) numbers[id] = number;
            parentOf.Add(id is not null ? parents.GetValueOrDefault(id) : null);
            annotations.Add(new() { Mask = mask, Id = number, Whole = label is null ? null : PlainNames.Read(label), Score = score });
        }
        for (int i = 0; i < annotations.Count; i++)
            if (parentOf[i] is { } parent && numbers.TryGetValue(parent, out long number)) annotations[i] = annotations[i] with { Parent = number };
        return annotations;
    }

    private void Relate(JsonValues v)
    {
        var own = new OwnFields(v, false);
        if (own.Text("from_id") is not { } from || own.Text("to_id") is not { } to) return;
        string label = v.Has("labels", out var labels) && labels.ValueKind == JsonValueKind.Array && labels.GetArrayLength() > 0
            && labels[0].ValueKind == JsonValueKind.String ? JsonValues.AsText(labels[0])?.Trim().ToLowerInvariant() ?? "" : "";
        bool part = PartOf.Contains(label), whole = HasPart.Contains(label);
        if (!part && !whole)
        {
            if (label.Length > 0) report.NotedOnce(v.File, $"relations '{MessageText.Cut(label)}' say nothing of parts", "they are not kept");
            return;
        }
        if (own.Text("direction") == "left") (from, to) = (to, from);
        if (part) parents.TryAdd(from, to);
        else parents.TryAdd(to, from);
    }

    private static bool IsShape(string type) => LabelStudioShapes.KindOf(type) is not null;

    /// <summary>From the key that has the labels, or from what the value holds.</summary>
    private static string TypeOf(JsonElement value)
    {
        foreach (var property in value.EnumerateObject())
            if (property.Name.EndsWith("labels", StringComparison.Ordinal) && property.Name.Length > 6) return property.Name;
        return value.TryGetProperty("rle", out _) ? "brush" : value.TryGetProperty("points", out _) ? "polygon"
            : value.TryGetProperty("radiusX", out _) ? "ellipse" : value.TryGetProperty("height", out _) ? "rectangle" : "";
    }

    private string? LabelOf(JsonElement value)
    {
        foreach (var property in value.EnumerateObject())
            if (property.Name.EndsWith("labels", StringComparison.Ordinal) && property.Value.ValueKind == JsonValueKind.Array)
            {
                var labels = property.Value.EnumerateArray().Select(l => l.ValueKind == JsonValueKind.String ? JsonValues.AsText(l) : null)
                    .Where(l => !string.IsNullOrEmpty(l)).ToList();
                if (labels.Count > 1) report.NotedOnce(task.File, "regions have several labels", "the first of each is taken");
                if (labels.Count > 0) return labels[0];
            }
        return null;
    }
}
