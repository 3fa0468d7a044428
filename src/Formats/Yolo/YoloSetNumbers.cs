namespace SemanticSam.Formats.Yolo;

/// <summary>What the lines of a whole set have beside outlines and boxes: looked for at once, since each answer needs all lines.</summary>
internal sealed class YoloSetNumbers
{
    private YoloSetNumbers(int declared) => KeyPoints = new(declared);

    public YoloKeyPoints KeyPoints { get; }

    public YoloTracks Tracks { get; } = new();

    public YoloInstances Instances { get; } = new();

    /// <summary>Those of a set.</summary>
    /// <param name="layout">The set.</param>
    /// <param name="declared">Numbers of the key points that data.yaml tells of; 0 for none.</param>
    /// <param name="lines">Reads a file of labels.</param>
    public static YoloSetNumbers Of(YoloLayout layout, int declared, Func<string, IEnumerable<string?>> lines)
    {
        var numbers = new YoloSetNumbers(declared);
        foreach (var (file, name, values) in YoloSetLines.Of(layout, lines))
        {
            numbers.KeyPoints.Add(file, values);
            numbers.Tracks.Add(file, values);
            numbers.Instances.Add(file, name, values);
        }
        return numbers;
    }
}
