using SemanticSam.Masks;

namespace SemanticSam.Formats.Shapes;

/// <summary>One shape of a file in which an object may consist of several.</summary>
/// <param name="Annotation">What it says; the first shape of an object speaks for all.</param>
/// <param name="Label">Its label.</param>
/// <param name="Tie">The number that ties it to others of its label; null for none.</param>
internal sealed record Shape(Annotation Annotation, string Label, int? Tie)
{
    /// <summary>The objects, in the order of their first shapes.</summary>
    public static List<Annotation> Join(List<Shape> shapes)
    {
        var joined = new List<(Annotation First, List<Rle> Masks)>();
        var places = new Dictionary<(string, int), int>();
        foreach (var shape in shapes)
        {
            if (shape.Tie is { } tie && !places.TryAdd((shape.Label, tie), joined.Count)) joined[places[(shape.Label, tie)]].Masks.Add(shape.Annotation.Mask);
            else joined.Add((shape.Annotation, [shape.Annotation.Mask]));
        }
        return [.. joined.Select(j => j.Masks.Count == 1 ? j.First : j.First with { Mask = Rle.Merge(j.Masks) })];
    }
}

/// <summary>
/// Numbers that tie several shapes to one annotation, for LabelMe and CVAT: shapes of one label and one number are one object. An
/// annotation keeps its own number as long as no other of that label has it.
/// </summary>
internal sealed class ShapeGroups
{
    private readonly HashSet<(string, int)> _taken = [];
    private readonly HashSet<int> _used;
    private int _last;

    public ShapeGroups(AnnotatedImage image) => _used = [.. image.Annotations.Select(a => a.Group).OfType<int>()];

    /// <summary>The number to write; null for none.</summary>
    public int? For(Annotation annotation, string label, int shapes)
    {
        if (annotation.Group is { } own && own > 0 && _taken.Add((label, own))) return own;
        if (shapes < 2) return null;
        do _last++;
        while (!_used.Add(_last));
        return _last;
    }
}
