namespace SemanticSam.Formats.Shapes;

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
