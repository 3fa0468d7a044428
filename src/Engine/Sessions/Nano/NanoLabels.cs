using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// Names for masks that were found without one. A name fits a mask if the image shows the name at all, if the cells inside look like it,
/// and if the mask holds most of what looks like it there: a head looks like a person, but is only a little of one.
/// </summary>
internal sealed class NanoLabels
{
    /// <summary>Names that the image hardly shows are no labels.</summary>
    private const double LeastPresence = 0.02;

    /// <summary>A piece of a name's map belongs to a mask if at least this share of what the mask holds of the name lies in it.</summary>
    private const double PieceShare = 0.2;

    /// <summary>How much it counts that a mask holds most of a name's piece.</summary>
    private const double RecallPower = 0.5;

    private const int MostNames = 64;

    private readonly List<(LabelName Name, float Presence, NameMap Map)> _names = [];
    private readonly ScoreCalibration _calibration;
    private readonly int _height, _width;

    public NanoLabels(NanoEncodedImage image, NanoNames names, IReadOnlyList<LabelName> labels)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        _calibration = image.Calibration;
        (_height, _width) = ((int)image.Answers.Height, (int)image.Answers.Width);
        if (labels.Count == 0) return;
        Tensor embedded = image.Answers.Names(names.Embed([.. labels.Select(l => l.Asked)]));
        float[] presence = [.. image.Answers.Presence(embedded).sigmoid().cpu().contiguous().data<float>()];
        int[] likely = [.. Enumerable.Range(0, presence.Length).Where(i => presence[i] >= LeastPresence).OrderByDescending(i => presence[i]).Take(MostNames)];
        if (likely.Length == 0) return;
        Tensor maps = image.Answers.Maps(embedded.index_select(0, tensor(Array.ConvertAll(likely, i => (long)i), device: image.Device))).sigmoid();
        maps = nn.functional.avg_pool2d(maps.unsqueeze(0), 2).squeeze(0); // [names, Height / 2, Width / 2]
        float[] values = [.. maps.cpu().contiguous().data<float>()];
        int plane = _height / 2 * (_width / 2);
        for (int n = 0; n < likely.Length; n++)
            _names.Add((labels[likely[n]], presence[likely[n]], new NameMap(values.AsSpan(n * plane, plane).ToArray(), _height / 2, _width / 2)));
    }

    /// <summary>The best name of a whole and the best name of a part for a mask.</summary>
    /// <param name="logits">At the cells, [Height * Width].</param>
    public (ScoredLabel? Whole, ScoredLabel? Part) Of(ReadOnlySpan<float> logits)
    {
        int[] inside = Inside(logits);
        if (inside.Length == 0) return default;
        ScoredLabel? whole = null, part = null;
        foreach (var (name, presence, map) in _names)
        {
            var (precision, recall) = map.Fit(inside, PieceShare);
            float score = _calibration.Of(ScoreKind.Label, (float)(presence * precision * Math.Pow(recall, RecallPower)));
            if (name.IsPart && !(part?.Score >= score)) part = new(name.Name, score);
            if (!name.IsPart && !(whole?.Score >= score)) whole = new(name.Name, score);
        }
        return (whole, part);
    }

    /// <summary>Cells at half the resolution that are inside for the most part.</summary>
    private int[] Inside(ReadOnlySpan<float> logits)
    {
        var cells = new List<int>();
        for (int y = 0; y < _height / 2; y++)
            for (int x = 0; x < _width / 2; x++)
            {
                int at = 2 * y * _width + 2 * x;
                if (logits[at] + logits[at + 1] + logits[at + _width] + logits[at + _width + 1] > 0) cells.Add(y * (_width / 2) + x);
            }
        return [.. cells];
    }
}
