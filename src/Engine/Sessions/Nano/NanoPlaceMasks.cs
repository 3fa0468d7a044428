using SemanticSam.Granularity.Nano;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>The masks of places, drawn together: of each from the largest level to the smallest, or the single one.</summary>
internal sealed class NanoPlaceMasks
{
    private readonly NanoEncodedImage _image;
    private readonly NanoPlace[] _places;
    private readonly NanoLabels? _labels;
    private readonly int _slots, _plane;
    private readonly float[] _quality, _logits; // one a mask; _plane a mask
    private readonly Drawn[] _drawn;
    private readonly CellSets _inside; // of places with levels: the cells of each mask

    /// <param name="image">The image.</param>
    /// <param name="places">All with levels, or none of them.</param>
    /// <param name="labels">What labels masks; null for no labels.</param>
    public NanoPlaceMasks(NanoEncodedImage image, NanoPlace[] places, NanoLabels? labels)
    {
        (_image, _places, _labels) = (image, places, labels);
        using var scope = NewDisposeScope();
        var (_, quality, drawing) = image.Answers.Look(places);
        _slots = drawing.Slots;
        PlaceAnswer[] rows = [.. Enumerable.Range(0, places.Length * _slots).Select(row => new PlaceAnswer(row / _slots, _slots - 1 - row % _slots))];
        _quality = [.. rows.Select(r => quality[r.Place * _slots + r.Slot])];
        _logits = image.Answers.Draw(drawing, rows);
        _plane = image.Upsampler.LowHeight * image.Upsampler.LowWidth;
        _drawn = new Drawn[rows.Length];
        _inside = new CellSets(HasLevels ? rows.Length : 0, _plane);
        var own = HasLevels ? image.OwnLabels : null; // made here, not by several threads at once
        var clicks = HasLevels ? Array.ConvertAll(places, ClicksInside) : [];
        MaskDrawing.ForEach(rows.Length, row => _drawn[row] = Draw(row, own, HasLevels ? clicks[row / _slots] : []));
    }

    private bool HasLevels => _slots > 1;

    /// <summary>The masks of a place.</summary>
    /// <param name="place">Its number.</param>
    /// <param name="keepLogits">Whether they keep their logits.</param>
    public IReadOnlyList<Candidate> Of(int place, bool keepLogits)
    {
        int[] rows = [.. Enumerable.Range(place * _slots, _slots)];
        MaskEvidence[] evidence = HasLevels ? Array.ConvertAll(rows, EvidenceOf) : [];
        return [.. rows.Select((row, rank) =>
        {
            var (cut, label, _, _) = _drawn[row];
            return new Candidate(Full(row, cut), PredictedIou(row, evidence), cut.Stability, HasLevels ? LevelOf(row) : null, label.Whole, label.Part)
            {
                Evidence = HasLevels ? evidence[rank] : null,
                LabelEvidence = label.Evidence ?? LabelChoices.None,
                Logits = keepLogits ? new MaskLogits(_image.Upsampler.LowHeight, _image.Upsampler.LowWidth, Logits(row)) : null,
            };
        })];
    }

    private static (float X, float Y)[] ClicksInside(NanoPlace place) => [.. place.Clicks.Where(c => c.Inside).Select(c => (c.X, c.Y))];

    private Drawn Draw(int row, NanoLabels? own, (float X, float Y)[] clicks)
    {
        var logits = Logits(row);
        var (cut, label) = (_image.JudgedAt.Cut(logits), _labels?.Of(logits) ?? default);
        if (!HasLevels) return new(cut, label, label, default);
        for (int cell = 0; cell < _plane; cell++)
            if (logits[cell] > 0) _inside.Add(row, cell);
        return new(cut, label, ReferenceEquals(_labels, own) ? label : own!.Of(logits),
            ClickFit.Of(logits, _image.Upsampler.LowHeight, _image.Upsampler.LowWidth, _image.Places.Valid, clicks));
    }

    /// <summary>A row's mask at the image's size; where that is judged at a smaller one, drawn once somebody wants it.</summary>
    private Lazy<Rle> Full(int row, CutMask judged) =>
        _image.JudgedAt == _image.Upsampler ? new(judged.Mask) : new(() => _image.Upsampler.Cut(Logits(row)).Mask);

    private ReadOnlySpan<float> Logits(int row) => _logits.AsSpan(row * _plane, _plane);

    private GranularityLevel LevelOf(int row) => (GranularityLevel)(row % _slots + 1);

    private float PredictedIou(int row, MaskEvidence[] evidence) => HasLevels && _image.Calibration.ClickMasks is { } judge
        ? judge.Of(evidence[row % _slots], evidence) : _image.Calibration.Of(ScoreKind.PredictedIou, _quality[row]);

    /// <summary>What is known of a mask of a click. Names of the model's own vocabulary speak for it, whatever labels are wanted.</summary>
    private MaskEvidence EvidenceOf(int row)
    {
        var (cut, _, own, fit) = _drawn[row];
        int first = row / _slots * _slots;
        return new(_quality[row], cut.Stability, cut.Mask.Area / ((double)cut.Mask.Width * cut.Mask.Height), LevelOf(row), own.WholeFit, own.PartFit)
        {
            Click = fit, Overlaps = LevelOverlaps.Of(level => _inside.IoU(row, first + (int)level - 1)),
        };
    }

    /// <param name="Cut">The mask at the size at which it is judged.</param>
    /// <param name="Label">Its label among those wanted.</param>
    /// <param name="Own">Its label among the model's own.</param>
    /// <param name="Fit">How the clicks lie in it.</param>
    private readonly record struct Drawn(CutMask Cut, NanoLabel Label, NanoLabel Own, ClickFit Fit);
}
