using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Protocols;

namespace SemanticSam.Training.Evaluation.Cases;

/// <summary>A case to be looked at.</summary>
/// <param name="Value">How good it is; the least are the worst.</param>
/// <param name="Path">The image file.</param>
/// <param name="Caption">What it is about.</param>
/// <param name="Truth">What is annotated.</param>
/// <param name="Answer">What the model said.</param>
/// <param name="Clicks">What was clicked.</param>
internal sealed record Case(double Value, string Path, string Caption, IReadOnlyList<Rle> Truth, IReadOnlyList<Rle> Answer,
    IReadOnlyList<(float X, float Y, bool Positive)> Clicks)
{
    /// <summary>Pixels annotated; of equally bad cases the larger one is the worse.</summary>
    public long Size => Truth.Concat(Answer).Sum(m => (long)m.Area);
}

/// <summary>Keeps the worst cases of each measure, one an image, without their pixels.</summary>
/// <param name="most">How many of a measure.</param>
internal sealed class WorstCases(int most)
{
    private readonly Dictionary<string, List<Case>> _byMeasure = [];

    /// <summary>By measure, in the order in which measures came up; the worst case first.</summary>
    public IReadOnlyList<(string Measure, IReadOnlyList<Case> Cases)> All => [.. _byMeasure.Select(p => (p.Key, (IReadOnlyList<Case>)p.Value))];

    /// <summary>Takes up a case if it is among the worst.</summary>
    public void Offer(string measure, double value, EvaluatedImage image, string caption, IReadOnlyList<Rle> truth, IReadOnlyList<Rle> answer,
        IReadOnlyList<(float X, float Y, bool Positive)>? clicks = null)
    {
        if (image.Image.Path is { } path) Offer(measure, value, path, caption, truth, answer, clicks);
    }

    /// <summary>Takes up a case of an image file if it is among the worst.</summary>
    public void Offer(string measure, double value, string path, string caption, IReadOnlyList<Rle> truth, IReadOnlyList<Rle> answer,
        IReadOnlyList<(float X, float Y, bool Positive)>? clicks = null)
    {
        if (most == 0) return;
        if (!_byMeasure.TryGetValue(measure, out var kept)) _byMeasure[measure] = kept = [];
        var offered = new Case(value, path, caption, truth, answer, clicks ?? []);
        int same = kept.FindIndex(c => c.Path == path);
        if (same >= 0 && !IsWorse(offered, kept[same])) return;
        if (same >= 0) kept.RemoveAt(same);
        int at = kept.FindIndex(c => IsWorse(offered, c));
        kept.Insert(at < 0 ? kept.Count : at, offered);
        if (kept.Count > most) kept.RemoveAt(most);
    }

    private static bool IsWorse(Case a, Case b) => a.Value != b.Value ? a.Value < b.Value : a.Size > b.Size;
}
