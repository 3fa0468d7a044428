using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Cases;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Text mIoU: the union of a name's instances against the union of its annotations, a mean over pairs of image and name; and how often a
/// name that is not there is answered.
/// </summary>
internal sealed class TextProtocol(WorstCases cases) : IProtocol
{
    private readonly Measure _wholes = new("text_wholes", "text mIoU, wholes present");
    private readonly Measure _parts = new("text_parts", "text mIoU, parts present");
    private readonly Measure _strict = new("text_strict_parts", "text mIoU, parts present that are not weak");
    private readonly Measure _absent = new("absent_answered", "absent names answered");
    private readonly Dictionary<NameQuery, Measure> _byName = [];

    public EvaluationProtocol Kind => EvaluationProtocol.Text;

    public void Add(EvaluatedImage image)
    {
        foreach (var (name, truths) in image.Present)
        {
            Rle union = Rle.Merge(truths.Select(t => t.Mask));
            var instances = image.Ask(name);
            double iou = EvaluatedImage.Union(instances)?.IoU(union) ?? 0;
            double[] rectangles = ConstantGuesses.RectangleIous(union);
            (name.IsPart ? _parts : _wholes).Add(iou, rectangles);
            if (name.IsPart && !truths.All(t => t.Annotation.IsWeak)) _strict.Add(iou, rectangles);
            if (!_byName.TryGetValue(name, out var measure)) _byName[name] = measure = new("", name.Name);
            measure.Add(iou);
            cases.Offer(name.IsPart ? "Names of parts" : "Names of wholes", iou, image, $"{name.Name}: IoU {iou:0.00}", [.. truths.Select(t => t.Mask)],
                [.. instances.Select(r => r.Mask)]);
        }
        foreach (var name in image.Absent)
        {
            var instances = image.Ask(name);
            _absent.Add(instances.Count == 0 ? 0 : 1, 1); // always answering is wrong each time
            if (instances.Count > 0)
                cases.Offer("Absent names answered", 1 - instances.Max(EvaluatedImage.ScoreOf), image,
                    $"{name.Name}: {instances.Max(EvaluatedImage.ScoreOf):0.00}", [], [.. instances.Select(r => r.Mask)]);
        }
    }

    public ProtocolReport Report() => new(Kind, "Names", [_wholes.Figure, _parts.Figure, _strict.Figure, _absent.Figure],
    [
        new("text_by_name", "IoU by name", ["name", "IoU", "images"], [.. _byName.OrderBy(p => p.Key.IsPart).ThenByDescending(p => p.Value.Figure.Count)
            .Select(p => new EvaluationRow(p.Key.IsPart ? $"{p.Key.Name} (part)" : p.Key.Name, [p.Value.Figure.Value, p.Value.Figure.Count]))]),
    ]);
}
