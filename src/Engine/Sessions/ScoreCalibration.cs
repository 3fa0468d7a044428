using System.Text.Json;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>A kind of score that a network gives.</summary>
internal enum ScoreKind
{
    /// <summary>The IoU that a mask is predicted to have with what is meant, however the mask was asked for.</summary>
    PredictedIou,

    /// <summary>That an image shows what a name says, anywhere.</summary>
    Presence,

    /// <summary>That a mask found for a name is one thing of that name.</summary>
    Instance,

    /// <summary>That the mask of a name without instances, such as the sky, is what it says.</summary>
    Stuff,

    /// <summary>That a mask found without a name has the name it is labeled with.</summary>
    Label,
}

/// <summary>A point of a monotone map.</summary>
/// <param name="Raw">What the network says, 0 to 1.</param>
/// <param name="Calibrated">What that was worth on images kept aside, 0 to 1.</param>
internal readonly record struct ScoreKnot(double Raw, double Calibrated);

/// <summary>
/// From the scores of a network to scores that mean something: for each kind a monotone map through knots, straight between them and level
/// beyond the outermost. A kind without knots stays as it is. Part of inference.json; thresholds are compared with calibrated scores.
/// </summary>
internal sealed record ScoreCalibration
{
    /// <summary>Changes nothing.</summary>
    public static ScoreCalibration None { get; } = new();

    public IReadOnlyList<ScoreKnot>? PredictedIou { get; init; }

    public IReadOnlyList<ScoreKnot>? Presence { get; init; }

    public IReadOnlyList<ScoreKnot>? Instance { get; init; }

    /// <summary>Null to go by <see cref="Instance"/>.</summary>
    public IReadOnlyList<ScoreKnot>? Stuff { get; init; }

    public IReadOnlyList<ScoreKnot>? Label { get; init; }

    /// <summary>What a mask of one click is worth against what the click means; null to go by <see cref="PredictedIou"/>.</summary>
    public MaskJudge? ClickMasks { get; init; }

    /// <summary>The probability that a mask of everything mode is one that people would outline (IoU at least 0.5); null to go by
    /// <see cref="PredictedIou"/>.</summary>
    public MaskJudge? FoundMasks { get; init; }

    /// <summary>
    /// What a name is worth as the label of a mask, a little more where it is the very name than where a wider one is true of it: the label of the greatest
    /// worth is said, with the probability that <see cref="Label"/> gives for that worth. Null to go by how well names fit.
    /// </summary>
    public MaskJudge? Labels { get; init; }

    /// <summary>The score that a raw one stands for; NaN stays.</summary>
    public float Of(ScoreKind kind, float raw)
    {
        if (Knots(kind) is not { Count: > 0 } knots || float.IsNaN(raw)) return raw;
        int above = 0;
        while (above < knots.Count && knots[above].Raw < raw) above++;
        if (above == 0) return (float)knots[0].Calibrated;
        if (above == knots.Count) return (float)knots[^1].Calibrated;
        var (from, to) = (knots[above - 1], knots[above]);
        return (float)(from.Calibrated + (raw - from.Raw) / (to.Raw - from.Raw) * (to.Calibrated - from.Calibrated));
    }

    /// <summary>Refuses maps that are not monotone.</summary>
    /// <exception cref="JsonException">The message names the kind and the knot.</exception>
    public void Validate()
    {
        ClickMasks?.Validate("click_masks", MaskEvidence.CountAmong);
        FoundMasks?.Validate("found_masks", MaskEvidence.Count);
        Labels?.Validate("labels", LabelEvidence.Count);
        foreach (var kind in Enum.GetValues<ScoreKind>())
            for (int k = 0; Knots(kind) is { } knots && k < knots.Count; k++)
            {
                var knot = knots[k];
                bool inRange = knot.Raw is >= 0 and <= 1 && knot.Calibrated is >= 0 and <= 1;
                bool rises = k == 0 || knot.Raw > knots[k - 1].Raw && knot.Calibrated >= knots[k - 1].Calibrated;
                if (!inRange || !rises)
                    throw new JsonException(
                        $"Knot {k + 1} of the calibration of {kind} is ({knot.Raw}, {knot.Calibrated}): both are 0 to 1, raw values rise and calibrated ones " +
                            $"never fall.");
            }
    }

    private IReadOnlyList<ScoreKnot>? Knots(ScoreKind kind) => kind switch
    {
        ScoreKind.PredictedIou => PredictedIou,
        ScoreKind.Presence => Presence,
        ScoreKind.Instance => Instance,
        ScoreKind.Stuff => Stuff ?? Instance,
        _ => Label,
    };
}
