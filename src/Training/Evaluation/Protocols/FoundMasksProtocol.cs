using SemanticSam.Engine;
using SemanticSam.Training.Evaluation.Calibration;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Gathers what masks of everything mode are worth: nearly all that the network draws, bad ones too, each with whether it meets an annotation. Gives no
/// figures; a judge is fitted to what it logs.
/// </summary>
internal sealed class FoundMasksProtocol(ScoreLog scores) : IProtocol
{
    private const double Met = 0.5;

    private static readonly EverythingOptions Loose = new() { PredictedIouThreshold = 0.2, StabilityThreshold = 0.3 };

    public EvaluationProtocol Kind => EvaluationProtocol.Calibration;

    public void Add(EvaluatedImage image)
    {
        if (image.Truths.Count == 0) return;
        foreach (var mask in image.Session.CollectEverything(Loose).GetAwaiter().GetResult())
            if (mask.Evidence is { } evidence)
                scores.Found(new(image.Index, evidence, image.Truths.Any(t => t.Mask.IoU(mask.Mask) >= Met) ? 1 : 0));
    }

    public ProtocolReport Report() => new(Kind, "Masks found", [], []);
}
