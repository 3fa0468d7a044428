using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Calibration;
using SemanticSam.Training.Evaluation.Cases;
using SemanticSam.Training.Evaluation.Coco;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// COCO's average precision of the instances of names. Only names that an image's annotations decide are asked: those that are there, and
/// some that surely are not (as in LVIS, arXiv 1908.03195). Masks of several objects, and approximate ones, are crowds: neither to be
/// found, nor wrong to be found.
/// </summary>
/// <param name="cases">Takes the worst ones.</param>
/// <param name="scores">Takes scores with what they were worth.</param>
/// <param name="vocabulary">Which names the model takes for stuff.</param>
internal sealed class InstancesProtocol(WorstCases cases, ScoreLog scores, TrueNames vocabulary) : IProtocol
{
    private readonly CocoEvaluator _masks = new(CocoMeasure.Masks), _boxes = new(CocoMeasure.Boxes);
    private readonly List<NameQuery> _classes = [];
    private readonly Dictionary<NameQuery, int> _indices = [];

    public EvaluationProtocol Kind => EvaluationProtocol.Instances;

    public void Add(EvaluatedImage image)
    {
        var truths = new List<CocoTruth>();
        var found = new List<CocoDetection>();
        AddStuff(image);
        var asked = image.Present.Where(p => p.Truths.All(t => t.Annotation.Role != AnnotationRole.Stuff))
            .Concat(image.Absent.Select(a => (Name: a, Truths: Array.Empty<Truth>())));
        foreach (var (name, there) in asked)
        {
            if (!_indices.TryGetValue(name, out int @class))
            {
                _indices[name] = @class = _classes.Count;
                _classes.Add(name);
            }
            truths.AddRange(there.Select(t => CocoTruth.Of(@class, t.Mask, !t.IsExact)));
            var instances = image.Ask(name);
            foreach (var instance in instances)
            {
                found.Add(CocoDetection.Of(@class, EvaluatedImage.ScoreOf(instance), instance.Mask));
                if (there.All(t => t.IsExact) && !vocabulary.IsStuff(name)) scores.Instance(image.Index, EvaluatedImage.ScoreOf(instance),
                    there.Select(t => t.Mask.IoU(instance.Mask)).DefaultIfEmpty().Max());
            }
            if (there.Length < 2 || !there.All(t => t.IsExact)) continue;
            double apart = there.Average(t => instances.Select(r => r.Mask.IoU(t.Mask)).DefaultIfEmpty().Max());
            cases.Offer("Several instances", apart, image, $"{there.Length} x {name.Name}: {instances.Count} found, mean IoU {apart:0.00}",
                [.. there.Select(t => t.Mask)], [.. instances.Select(r => r.Mask)]);
        }
        _masks.Add(truths, found);
        _boxes.Add(truths, found);
    }

    /// <summary>Logs what masks of stuff are worth. Photos show much of it that nobody annotated: absent is what was looked for alone.</summary>
    private void AddStuff(EvaluatedImage image)
    {
        var lookedFor = image.Image.AbsentCategories.Select(c => c.Name).ToHashSet();
        var asked = image.Present.Concat(image.Absent.Where(a => lookedFor.Contains(a.Name)).Select(a => (Name: a, Truths: Array.Empty<Truth>())));
        foreach (var (name, there) in asked.Where(a => vocabulary.IsStuff(a.Name)))
            foreach (var mask in image.Ask(name))
                scores.OfStuff(image.Index, EvaluatedImage.ScoreOf(mask), there.Length == 0 ? 0 : mask.Mask.IoU(Rle.Merge(there.Select(t => t.Mask))));
    }

    public ProtocolReport Report()
    {
        var figures = new List<EvaluationFigure>();
        foreach (var (id, label, among) in new[] { ("", "", null), ("_wholes", " of wholes", Indices(false)), ("_parts", " of parts", Indices(true)) })
        {
            CocoSummary masks = _masks.Summarize(among), boxes = _boxes.Summarize(among);
            if (id.Length > 0) figures.AddRange([Of(masks, $"mask_ap{id}", $"mask AP{label}", masks.Ap), Of(boxes, $"box_ap{id}", $"box AP{label}", boxes.Ap)]);
            else figures.AddRange(CocoReport.Figures(masks).Concat(CocoReport.Figures(boxes)));
        }
        return new(Kind, "Instances of names", figures,
            [CocoReport.ByClass([_masks.Summarize(), _boxes.Summarize()], [.. _classes.Select(c => c.IsPart ? $"{c.Name} (part)" : c.Name)])]);

        int[] Indices(bool parts) => [.. Enumerable.Range(0, _classes.Count).Where(c => _classes[c].IsPart == parts)];

        static EvaluationFigure Of(CocoSummary summary, string id, string label, double? value) =>
            new(id, label, value, null, summary.Classes.Sum(c => c.Objects));
    }
}
