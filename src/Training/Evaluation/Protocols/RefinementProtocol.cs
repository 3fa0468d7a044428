using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Cases;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Number of clicks (NoC) to an IoU of 0.85 and of 0.90, with clicks simulated as the field does (f-BRS, arXiv 2001.10331; RITM, arXiv
/// 2102.06583): the first at the innermost pixel, each further one at the pixel farthest inside the larger error, adding what is missing
/// or taking away what is wrong. A model that takes mask logits is given those of its answer before, as SAM's authors do.
/// </summary>
/// <param name="perImage">Annotations refined in an image, spread evenly over them.</param>
/// <param name="most">Most clicks; what is never reached counts as so many.</param>
/// <param name="cases">Takes the worst ones.</param>
internal sealed class RefinementProtocol(int perImage, int most, WorstCases cases) : IProtocol
{
    private static readonly double[] Goals = [0.85, 0.90];

    private readonly Measure[] _clicks = [.. Goals.Select(g => new Measure($"noc{100 * g:0}", $"clicks to an IoU of {g:0.00} (NoC{100 * g:0})"))];
    private readonly Measure[] _failures = [.. Goals.Select(g => new Measure($"nof{100 * g:0}", $"never {g:0.00} within {most} clicks"))];
    private readonly Measure[] _reached = [.. Enumerable.Range(1, most).Select(n => new Measure("", $"{n}"))];
    private bool? _takesLogits;

    public EvaluationProtocol Kind => EvaluationProtocol.Refinement;

    public void Add(EvaluatedImage image)
    {
        var suited = image.Truths.Where(t => t.IsExact).ToArray();
        int count = Math.Min(perImage, suited.Length);
        var open = Enumerable.Range(0, count).Select(i => new Refined(suited[(int)((long)i * suited.Length / count)])).ToList();
        var all = open.ToArray();
        for (int n = 1; n <= most && open.Count > 0; n++)
        {
            foreach (var refined in open) refined.Click();
            var answers = Answer(image.Session, [.. open.Select(r => r.Prompt)]).ToLookup(r => r.Prompt!.Value);
            for (int k = 0; k < open.Count; k++) open[k].Take(answers[k].MaxBy(r => r.PredictedIou));
            foreach (var refined in all) _reached[n - 1].Add(refined.Best(n));
            open.RemoveAll(r => r.IoU >= Goals[^1]);
        }
        foreach (var refined in all)
        {
            for (int g = 0; g < Goals.Length; g++)
            {
                int reached = refined.Ious.FindIndex(iou => iou >= Goals[g]);
                _clicks[g].Add(reached < 0 ? most : reached + 1);
                _failures[g].Add(reached < 0 ? 1 : 0);
            }
            cases.Offer("Further clicks", refined.IoU, image,
                $"{refined.Truth.Annotation.FullName ?? "region"}: IoU {refined.IoU:0.00} after {refined.Ious.Count} clicks", [refined.Truth.Mask],
                refined.Mask is { } mask ? [mask] : [],
                [.. refined.Prompt.Points.Select(p => (p.X, p.Y, p.Positive))]);
        }
    }

    public ProtocolReport Report() => new(Kind, "Further clicks", [.. _clicks.Select(c => c.Figure), .. _failures.Select(f => f.Figure)],
    [
        new("iou_by_clicks", "IoU by the number of clicks (an annotation that has reached 0.90 stays where it is)", ["clicks", "IoU", "annotations"],
            [.. _reached.Select(m => new EvaluationRow(m.Figure.Label, [m.Figure.Value, m.Figure.Count]))]),
    ]);

    private IReadOnlyList<MaskResult> Answer(ImageSession session, IReadOnlyList<Prompt> prompts)
    {
        var options = new SegmentOptions { Masks = MaskChoice.Single, Vocabulary = [] };
        if (_takesLogits != false)
        {
            try
            {
                var answers = session.Segment(prompts, options with { KeepLogits = true });
                _takesLogits = true;
                return answers;
            }
            catch (PromptException e) when (e.Error == PromptError.LogitsNotSupported)
            {
                _takesLogits = false;
            }
        }
        return session.Segment(prompts, options);
    }

    /// <summary>An annotation on the way to its mask.</summary>
    private sealed class Refined(Truth truth)
    {
        public Truth Truth => truth;

        public Prompt Prompt { get; private set; } = new();

        public Rle? Mask { get; private set; }

        public List<double> Ious { get; } = [];

        public double IoU => Ious.Count == 0 ? 0 : Ious[^1];

        /// <summary>The IoU after so many clicks, or where it stopped before.</summary>
        public double Best(int clicks) => Ious[Math.Min(clicks, Ious.Count) - 1];

        /// <summary>The next click: where the answer is most wrong.</summary>
        public void Click()
        {
            Rle missing = Mask is null ? truth.Mask : truth.Mask.Subtract(Mask);
            var add = DistanceTransform.FindDeepest(missing);
            var remove = Mask is null ? default : DistanceTransform.FindDeepest(Mask.Subtract(truth.Mask));
            var (x, y, _) = add.Distance >= remove.Distance ? add : remove;
            Prompt = Prompt with { Points = [.. Prompt.Points, new(x + 0.5f, y + 0.5f, add.Distance >= remove.Distance)] };
        }

        public void Take(MaskResult? answer)
        {
            Mask = answer?.Mask;
            Prompt = Prompt with { Logits = answer?.Logits };
            Ious.Add(answer?.Mask.IoU(truth.Mask) ?? 0);
        }
    }
}
