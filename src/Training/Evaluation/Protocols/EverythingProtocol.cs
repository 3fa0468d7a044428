using SemanticSam.Masks;
using SemanticSam.Training.Evaluation.Cases;

namespace SemanticSam.Training.Evaluation.Protocols;

/// <summary>
/// Everything mode as users get it: how many masks, how many annotations are met (recall at an IoU of 0.5), how many masks meet an
/// annotation (precision, of what was annotated), and whether the labels shown are right.
/// </summary>
/// <param name="every">Images between two that are measured.</param>
/// <param name="wider">Which labels are true of a name.</param>
/// <param name="cases">Takes the worst ones.</param>
internal sealed class EverythingProtocol(int every, TrueNames wider, WorstCases cases) : IProtocol
{
    private const double Met = 0.5;

    private readonly Measure _masks = new("everything_masks", "masks an image");
    private readonly Measure _recall = new("everything_recall", "annotations met (IoU 0.5)");
    private readonly Measure _wholes = new("everything_recall_wholes", "wholes and stuff met");
    private readonly Measure _parts = new("everything_recall_parts", "parts met");
    private readonly Measure _iou = new("everything_iou", "IoU of the best mask for an annotation");
    private readonly Measure _precision = new("everything_precision", "masks that meet an annotation");
    private readonly Measure _labels = new("everything_labels_right",
        "labels right (the name or a wider one), of those shown on masks that meet a named annotation");
    private readonly Measure _exact = new("everything_labels_exact", "labels that are the very name, of the same");
    private readonly Measure _shown = new("everything_labels_shown", "such masks with a label");

    public EvaluationProtocol Kind => EvaluationProtocol.Everything;

    public void Add(EvaluatedImage image)
    {
        if (image.Index % every != 0) return;
        var masks = image.Session.CollectEverything().GetAwaiter().GetResult();
        double[,] ious = new double[image.Truths.Count, masks.Count];
        for (int t = 0; t < image.Truths.Count; t++)
            for (int m = 0; m < masks.Count; m++) ious[t, m] = image.Truths[t].Mask.IoU(masks[m].Mask);
        _masks.Add(masks.Count);
        int met = 0;
        for (int t = 0; t < image.Truths.Count; t++)
        {
            double best = Enumerable.Range(0, masks.Count).Select(m => ious[t, m]).DefaultIfEmpty().Max();
            _iou.Add(best);
            double hit = best >= Met ? 1 : 0;
            met += (int)hit;
            _recall.Add(hit);
            (image.Truths[t].IsPart ? _parts : _wholes).Add(hit);
        }
        for (int m = 0; m < masks.Count; m++) Look(image, masks[m], [.. Enumerable.Range(0, image.Truths.Count).Select(t => ious[t, m])]);
        if (image.Truths.Count > 0)
            cases.Offer("Everything mode", (double)met / image.Truths.Count, image,
                $"{met} of {image.Truths.Count} annotations met by {masks.Count} masks", [.. image.Truths.Select(t => t.Mask)], [.. masks.Select(m => m.Mask)]);
    }

    public ProtocolReport Report() => new(Kind, "Everything mode",
        [_masks.Figure, _recall.Figure, _wholes.Figure, _parts.Figure, _iou.Figure, _precision.Figure, _shown.Figure, _labels.Figure, _exact.Figure], []);

    private void Look(EvaluatedImage image, MaskResult mask, double[] ious)
    {
        int nearest = ious.Length == 0 ? -1 : Array.IndexOf(ious, ious.Max());
        bool meets = nearest >= 0 && ious[nearest] >= Met;
        _precision.Add(meets ? 1 : 0);
        if (!meets || image.Truths[nearest].Annotation.Category is null) return;
        string? label = (mask.Part ?? mask.Whole)?.Label;
        _shown.Add(label is null ? 0 : 1);
        // Any annotation that it meets may have given the name: a face and a head can be the same pixels.
        if (label is null) return;
        string[] names = [.. Enumerable.Range(0, ious.Length).Where(t => ious[t] >= Met).Select(t => image.Truths[t].Annotation.Category).OfType<string>()];
        _labels.Add(names.Any(name => wider.IsTrueOf(label, name)) ? 1 : 0);
        _exact.Add(names.Contains(label) ? 1 : 0);
    }
}
