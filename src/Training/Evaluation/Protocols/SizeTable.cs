using System.Globalization;
using SemanticSam.Masks;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>Means by the share of the image that a mask covers.</summary>
internal sealed class SizeTable
{
    private static readonly double[] Limits = [0.005, 0.02, 0.1, 0.3, 1];

    private readonly Measure[] _measures = [.. Limits.Select((most, i) => new Measure("", Label(i, most)))];

    public void Add(Rle mask, double value)
    {
        double share = mask.Area / ((double)mask.Width * mask.Height);
        int at = Array.FindIndex(Limits, most => share < most);
        _measures[at < 0 ? Limits.Length - 1 : at].Add(value);
    }

    public EvaluationTable Table(string id, string title) => new(id, title, ["share of the image", "IoU", "annotations"],
        [.. _measures.Select(m => new EvaluationRow(m.Figure.Label, [m.Figure.Value, m.Figure.Count]))]);

    private static string Label(int index, double most)
    {
        string least = index == 0 ? "" : (100 * Limits[index - 1]).ToString(CultureInfo.InvariantCulture), next = (100 * most)
            .ToString(CultureInfo.InvariantCulture);
        return index == 0 ? $"below {next} %" : index == Limits.Length - 1 ? $"{least} % and more" : $"{least} to {next} %";
    }
}
