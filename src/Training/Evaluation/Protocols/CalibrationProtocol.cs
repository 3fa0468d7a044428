using SemanticSam.Training.Evaluation.Calibration;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Whether scores are what they promise: reliability tables and expected calibration errors, as the scores are and as they would be after
/// a fit (each half of the images by the curve of the other half). What other protocols logged is looked at.
/// </summary>
internal sealed class CalibrationProtocol(ScoreLog scores) : IProtocol
{
    public EvaluationProtocol Kind => EvaluationProtocol.Calibration;

    public void Add(EvaluatedImage image)
    {
        // The protocols that ask log what they see.
    }

    public ProtocolReport Report()
    {
        (string Id, string Label, IReadOnlyList<ScoredOutcome> All)[] kinds =
        [
            ("click", "predicted IoU of all masks of a click", scores.Clicks), ("click_liked", "predicted IoU of the best liked mask of a click", scores.Liked),
            ("instance", "score of an instance, against its IoU", scores.Instances), ("label", "probability of a label, against being right", scores.Labels),
        ];
        var seen = kinds.Where(k => k.All.Count > 0).ToArray();
        return new(Kind, "Calibration",
        [
            .. seen.SelectMany(k => new[]
            {
                new EvaluationFigure($"ece_{k.Id}", $"calibration error: {k.Label}", Reliability.Error(k.All), null, k.All.Count),
                new($"ece_{k.Id}_fitted", "  after a fit on the other half of the images", CalibrationCurve.CrossFittedError(k.All), null, k.All.Count),
            }),
        ],
        [.. seen.Select(k => Reliability.Table($"reliability_{k.Id}", char.ToUpperInvariant(k.Label[0]) + k.Label[1..], k.All))]);
    }
}
