using System.Runtime.CompilerServices;
using SemanticSam.Granularity.Layers;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// Names for masks that were found without one. A name fits a mask if the image shows the name at all, if the cells inside look like it,
/// and if the mask holds most of what looks like it there: a head looks like a person, but is only a little of one. Which of the names that fit is said,
/// a judge decides that was fitted on images kept aside; without one, the narrowest that is clear.
/// </summary>
internal sealed class NanoLabels
{
    /// <summary>Names that the image hardly shows are no labels.</summary>
    private const double LeastPresence = 0.02;

    /// <summary>A piece of a name's map belongs to a mask if at least this share of what the mask holds of the name lies in it.</summary>
    private const double PieceShare = 0.2;

    /// <summary>How much it counts that a mask holds most of a name's piece.</summary>
    private const double RecallPower = 0.5;

    /// <summary>A label is one of so many names that fit best.</summary>
    private const int MostChoices = 12;

    private const int MostNames = 64;

    private readonly List<(LabelName Name, float Presence, NameMap Map)> _names = [];
    private readonly ScoreCalibration _calibration;
    private readonly NanoNames _vocabulary;
    private readonly HashSet<string> _wholes, _parts;
    private readonly bool[,] _isWider; // [a, b]: the name a of the name b
    private readonly int _height, _width;

    public NanoLabels(NanoEncodedImage image, NanoNames names, IReadOnlyList<LabelName> labels)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        (_calibration, _vocabulary) = (image.Calibration, names);
        (_wholes, _parts) = ([.. labels.Where(l => !l.IsPart).Select(l => l.Name)], [.. labels.Where(l => l.IsPart).Select(l => l.Name)]);
        (_height, _width) = ((int)image.Answers.Height, (int)image.Answers.Width);
        _isWider = new bool[0, 0];
        if (labels.Count == 0) return;
        Tensor embedded = image.Answers.Names(names.Embed([.. labels.Select(l => l.Asked)]));
        float[] presence = TensorValues.Floats(image.Answers.Presence(embedded).sigmoid());
        int[] likely = [.. Enumerable.Range(0, presence.Length).Where(i => presence[i] >= LeastPresence).OrderByDescending(i => presence[i]).Take(MostNames)];
        if (likely.Length == 0) return;
        Tensor maps = image.Answers.Maps(embedded.index_select(0, tensor(Array.ConvertAll(likely, i => (long)i), device: image.Device))).sigmoid();
        maps = nn.functional.avg_pool2d(maps.unsqueeze(0), 2).squeeze(0); // [names, Height / 2, Width / 2]
        float[] values = TensorValues.Floats(maps);
        int plane = _height / 2 * (_width / 2);
        for (int n = 0; n < likely.Length; n++)
            _names.Add((labels[likely[n]], presence[likely[n]], new NameMap(values.AsSpan(n * plane, plane).ToArray(), _height / 2, _width / 2)));
        _isWider = new bool[_names.Count, _names.Count];
        for (int b = 0; b < _names.Count; b++)
        {
            var wider = WiderNames.Of(_names[b].Name.Name, name => _vocabulary.WiderOf(name, _names[b].Name.IsPart)).ToHashSet();
            for (int a = 0; a < _names.Count; a++) _isWider[a, b] = wider.Contains(_names[a].Name.Name);
        }
    }

    /// <summary>What it holds.</summary>
    public long Bytes => _names.Sum(n => n.Map.Bytes);

    /// <summary>The best name of a whole and the best name of a part for a mask.</summary>
    /// <param name="logits">At the cells, [Height * Width].</param>
    public NanoLabel Of(ReadOnlySpan<float> logits)
    {
        int[] inside = Inside(logits);
        if (inside.Length == 0) return default;
        var measures = _names.Select(n => n.Map.Fit(inside, PieceShare)).ToArray();
        var fits = _names.Select((n, i) =>
            (n.Name.Name, n.Name.IsPart, Score: (float)(n.Presence * measures[i].Precision * Math.Pow(measures[i].Recall, RecallPower)))).ToArray();
        var (whole, part) = (Best(isPart: false), Best(isPart: true));
        var evidence = EvidenceOf(Array.ConvertAll(fits, f => f.Score), measures, (double)inside.Length / (_height / 2 * (_width / 2)));
        var (wholeFit, partFit) = (whole?.Score ?? 0, part?.Score ?? 0);
        if (_calibration.Labels is { } judge) (whole, part) = (Judged(judge, evidence, isPart: false), Judged(judge, evidence, isPart: true));
        return new(Calibrated(whole), Calibrated(part), wholeFit, partFit, new(evidence));

        ScoredLabel? Calibrated(ScoredLabel? label) => label is { } l ? l with { Score = _calibration.Of(ScoreKind.Label, l.Score) } : null;

        // Chosen by what the network says; a calibrated score is flat where it cannot tell.
        ScoredLabel? Best(bool isPart) => NameChoice.Best(fits.Where(f => f.IsPart == isPart).Select(f => new ScoredLabel(f.Name, f.Score)),
            name => _vocabulary.WiderOf(name, isPart), isPart ? _parts : _wholes);
    }

    /// <summary>What speaks for the names that fit best.</summary>
    private LabelEvidence[] EvidenceOf(float[] fits, (double Precision, double Recall)[] measures, double share)
    {
        int[] best = [.. Enumerable.Range(0, fits.Length).OrderByDescending(i => fits[i]).Take(MostChoices)];
        return Array.ConvertAll(best, i =>
        {
            float rival = 0, narrower = 0;
            foreach (int other in best)
                if (_isWider[i, other]) narrower = Math.Max(narrower, fits[other]);
                else if (_names[other].Name.Name != _names[i].Name.Name && !_isWider[other, i]) rival = Math.Max(rival, fits[other]);
            return new LabelEvidence(_names[i].Name.Name, _names[i].Name.IsPart, _names[i].Presence, (float)measures[i].Precision, (float)measures[i].Recall,
                fits[i], share, rival, narrower);
        });
    }

    private static ScoredLabel? Judged(MaskJudge judge, LabelEvidence[] evidence, bool isPart)
    {
        ScoredLabel? best = null;
        foreach (var name in evidence)
            if (name.IsPart == isPart && judge.Of(name) is var worth && worth > (best?.Score ?? -1)) best = new(name.Name, worth);
        return best;
    }

    /// <summary>Cells at half the resolution that are inside for the most part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

/// <summary>Names that fit a mask.</summary>
/// <param name="Whole">The best name of a whole; null where none is likely in the image.</param>
/// <param name="Part">The best name of a part; likewise.</param>
/// <param name="WholeFit">How well the whole fits before calibration, 0 to 1.</param>
/// <param name="PartFit">How well the part fits before calibration, 0 to 1.</param>
/// <param name="Evidence">What speaks for the names that fit best; null where nothing was asked.</param>
internal readonly record struct NanoLabel(ScoredLabel? Whole, ScoredLabel? Part, float WholeFit, float PartFit, LabelChoices? Evidence);
