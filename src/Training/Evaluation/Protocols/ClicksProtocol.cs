using System.Globalization;
using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Calibration;
using SemanticSam.Training.Evaluation.Cases;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// One click at the innermost pixel of each annotation, answered by a mask a level: IoU of the best of them, and of the one of highest
/// predicted IoU.
/// </summary>
/// <param name="perBatch">Clicks that go through the decoder together.</param>
/// <param name="labels">Whether the model gives labels.</param>
/// <param name="wider">Which labels are true of a name.</param>
/// <param name="cases">Takes the worst ones.</param>
/// <param name="scores">Takes scores with what they were worth.</param>
/// <param name="fits">Whether a judge is to be fitted to them: each annotation is clicked elsewhere, too, since people do not hit the innermost pixel.
/// </param>
internal sealed class ClicksProtocol(int perBatch, bool labels, TrueNames wider, WorstCases cases, ScoreLog scores, bool fits) : IProtocol
{
    private const double Met = 0.5;

    /// <summary>Where people click: at least this far inside, of how far inside the innermost pixel is.</summary>
    private const float LeastDepth = 0.3f;

    private readonly Measure _best = new("click_best", "1-click IoU, best of the levels");
    private readonly Measure _byScore = new("click_by_score", "1-click IoU, highest predicted IoU");
    private readonly Measure _wholes = new("click_wholes", "best of the levels, wholes and stuff");
    private readonly Measure _parts = new("click_parts", "best of the levels, parts");
    private readonly Measure _weak = new("click_weak_parts", "best of the levels, weak parts");
    private readonly Measure _right = new("click_label_right", "labels right (the annotation's name or a wider one), of masks that meet their annotation");
    private readonly Measure _exact = new("click_label_exact", "labels that are the annotation's very name, of the same");
    private readonly SizeTable _sizes = new();

    public EvaluationProtocol Kind => EvaluationProtocol.Clicks;

    public void Add(EvaluatedImage image)
    {
        var options = labels ? new SegmentOptions { LabelThreshold = 0 } : new SegmentOptions { Vocabulary = [] };
        foreach (var batch in image.Truths.Chunk(perBatch))
        {
            var clicks = Array.ConvertAll(batch, t => DistanceTransform.FindClick(t.Mask));
            var answers = Answers(image, clicks, options);
            for (int k = 0; k < batch.Length; k++) Add(image, batch[k], clicks[k], answers[k]);
            if (fits) AddElsewhere(image, batch, options);
        }
    }

    public ProtocolReport Report() =>
        new(Kind, "One click", [_best.Figure, _byScore.Figure, _wholes.Figure, _parts.Figure, _weak.Figure, _right.Figure, _exact.Figure],
            [_sizes.Table("click_by_size", "Best of the levels by size of the annotation")]);

    private void Add(EvaluatedImage image, Truth truth, (int X, int Y) click, MaskResult[] answer)
    {
        double[] discs = ConstantGuesses.DiscIous(truth.Mask, click.X, click.Y), ious = Array.ConvertAll(answer, r => r.Mask.IoU(truth.Mask));
        int best = Array.IndexOf(ious, ious.Max()), liked = Array.IndexOf(answer, answer.MaxBy(r => r.PredictedIou));
        double guess = discs.Max();
        _best.Add(ious[best], guess);
        (!truth.IsPart ? _wholes : truth.Annotation.IsWeak ? _weak : _parts).Add(ious[best], guess);
        _byScore.Add(ious[liked], discs);
        _sizes.Add(truth.Mask, ious[best]);
        for (int i = 0; i < ious.Length; i++)
        {
            scores.Click(image.Index, answer[i].PredictedIou, ious[i], i == liked);
        }
        Log(image, answer, ious);
        cases.Offer("One click", ious[best], image, string.Create(CultureInfo.InvariantCulture,
            $"{truth.Annotation.FullName ?? "region"}: best IoU {ious[best]:0.00}"), [truth.Mask], [answer[best].Mask],
            [(click.X + 0.5f, click.Y + 0.5f, true)]);
        if (!labels || ious[best] < Met || truth.Annotation.Category is not { } name || (answer[best].Part ?? answer[best].Whole) is not { } label) return;
        string[] met = [.. image.Truths.Where(t => t.Mask.IoU(answer[best].Mask) >= Met).Select(t => t.Annotation.Category).OfType<string>()];
        scores.Label(LabeledMask.Of(image.Index, answer[best], met, wider) with { IsOfClick = true });
        bool isRight = wider.IsTrueOf(label.Label, name);
        _right.Add(isRight ? 1 : 0);
        _exact.Add(label.Label == name ? 1 : 0);
        scores.Label(image.Index, label.Score, isRight);
    }

    /// <summary>What a judge is to expect of the masks of a click.</summary>
    private void Log(EvaluatedImage image, MaskResult[] answer, double[] ious)
    {
        MaskEvidence[] evidence = [.. answer.Where(r => r.Evidence is not null).Select(r => r.Evidence!.Value)];
        if (evidence.Length != answer.Length) return;
        for (int i = 0; i < ious.Length; i++) scores.Click(JudgedMask.Among(image.Index, evidence[i], evidence, ious[i]));
    }

    /// <summary>Logs what the same annotations get for clicks elsewhere in them.</summary>
    private void AddElsewhere(EvaluatedImage image, Truth[] truths, SegmentOptions options)
    {
        var random = new Random(image.Index);
        var clicks = Array.ConvertAll(truths, t => Elsewhere(t.Mask, random));
        var answers = Answers(image, clicks, options);
        for (int k = 0; k < truths.Length; k++) Log(image, answers[k], Array.ConvertAll(answers[k], r => r.Mask.IoU(truths[k].Mask)));
    }

    /// <summary>The masks of each click.</summary>
    private static MaskResult[][] Answers(EvaluatedImage image, (int X, int Y)[] clicks, SegmentOptions options)
    {
        var answers = image.Session.Segment([.. clicks.Select(c => Prompt.At(c.X + 0.5f, c.Y + 0.5f))], options).ToLookup(r => r.Prompt!.Value);
        return [.. clicks.Select((_, k) => answers[k].ToArray())];
    }

    /// <summary>A pixel well inside of a mask.</summary>
    private static (int X, int Y) Elsewhere(Rle mask, Random random)
    {
        float[] depth = DistanceTransform.Compute(mask.ToBytes(), mask.Height, mask.Width);
        float least = LeastDepth * depth.Max();
        int[] deep = [.. Enumerable.Range(0, depth.Length).Where(i => depth[i] > least)];
        if (deep.Length == 0) return DistanceTransform.FindClick(mask); // it covers the image
        int at = deep[random.Next(deep.Length)];
        return (at % mask.Width, at / mask.Width);
    }
}
