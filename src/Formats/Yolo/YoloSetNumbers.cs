namespace SemanticSam.Formats.Yolo;

/// <summary>What the lines of a whole set have beside outlines and boxes: looked for at once, since each answer needs all lines.</summary>
internal sealed class YoloSetNumbers
{
    public YoloTracks Tracks { get; } = new();

    public YoloInstances Instances { get; } = new();

    /// <summary>Those of a set.</summary>
    /// <param name="layout">The set.</param>
    /// <param name="lines">Reads a file of labels.</param>
    public static YoloSetNumbers Of(YoloLayout layout, Func<string, IEnumerable<string?>> lines)
    {
        var numbers = new YoloSetNumbers();
        foreach (var (file, name, values) in YoloSetLines.Of(layout, lines))
        {
            numbers.Tracks.Add(file, values);
            numbers.Instances.Add(file, name, values);
        }
        return numbers;
    }
}
