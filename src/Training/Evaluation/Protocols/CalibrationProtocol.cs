using SemanticSam.Engine;
using SemanticSam.Training.Evaluation.Calibration;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Whether scores are what they promise: reliability tables and expected calibration errors, as the scores are and as they would be after
/// a fit (each half of the images by the curve of the other half). What other protocols logged is looked at.
/// </summary>
/// <param name="scores">What they logged.</param>
/// <param name="logsFound">
/// Whether to log what masks of everything mode are worth, for a judge to be fitted to: nearly all that the network draws, bad ones too.
/// </param>
/// <param name="wider">Which labels are true of a name.</param>
internal sealed class CalibrationProtocol(ScoreLog scores, bool logsFound, TrueNames wider) : IProtocol
{
    private const double Met = 0.5;

    private static readonly EverythingOptions Loose = new() { PredictedIouThreshold = 0.2, StabilityThreshold = 0.3 };

    public EvaluationProtocol Kind => EvaluationProtocol.Calibration;

    public void Add(EvaluatedImage image)
    {
        // All else is logged by the protocols that ask.
        if (!logsFound || image.Truths.Count == 0) return;
        foreach (var mask in image.Session.CollectEverything(Loose).GetAwaiter().GetResult())
        {
            if (mask.Evidence is not { } evidence) continue;
            var met = image.Truths.Where(t => t.Mask.IoU(mask.Mask) >= Met).ToList();
            scores.Found(JudgedMask.Alone(image.Index, evidence, met.Count > 0 ? 1 : 0));
            string[] names = [.. met.Select(t => t.Annotation.Category).OfType<string>()];
            if (names.Length > 0) scores.Label(LabeledMask.Of(image.Index, mask, names, wider));
        }
    }

    public ProtocolReport Report()
    {
        (string Id, string Label, IReadOnlyList<ScoredOutcome> All)[] kinds =
        [
            ("click", "predicted IoU of all masks of a click", scores.Clicks), ("click_liked", "predicted IoU of the best liked mask of a click", scores.Liked),
            ("instance", "score of an instance, against its IoU", scores.Instances), ("stuff", "score of stuff, against its IoU", scores.Stuff),
            ("label", "probability of a label, against being right", scores.Labels),
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
