using System.Diagnostics;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Formats;
using SemanticSam.Formats.Coco;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.TextEncoder.Names;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Evaluation;

/// <summary>Measures a model on annotated images, through the same API that users call.</summary>
public sealed class Evaluator(SegmentationModel model, WholePartDataset data, EvaluationOptions options)
{
    private readonly Means _means = new();
    private readonly Random _random = new(options.Seed);

    /// <summary>Runs the evaluation.</summary>
    /// <param name="progress">Told the share of images done.</param>
    /// <param name="cancellation">Stops between two images.</param>
    public EvaluationReport Run(IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var images = data.Images.Where(i => i.Annotations.Count > 0).ToArray();
        // Sets are sorted by source: the first images would be of one kind.
        if (options.MaxImages is { } most && most < images.Length) images = [.. Enumerable.Range(0, most).Select(i => images[(long)i * images.Length / most])];
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < images.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var session = model.Open(ImageDecoder.Decode(images[i].Path!));
            var truth = images[i].Annotations.Select(a => (Annotation: a, Mask: a.Mask)).Where(t => !t.Mask.IsEmpty).ToArray();
            Clicks(session, truth);
            if (model.AnswersNames) Names(session, images[i], truth);
            progress?.Report((i + 1.0) / images.Length);
        }
        return Report(images.Length, watch.Elapsed.TotalSeconds / Math.Max(1, images.Length));
    }

    private void Clicks(ImageSession session, (Annotation Annotation, Rle Mask)[] truth)
    {
        var noLabels = new SegmentOptions { Vocabulary = [] };
        for (int start = 0; start < truth.Length; start += options.ClicksPerBatch)
        {
            var batch = truth.AsSpan(start, Math.Min(options.ClicksPerBatch, truth.Length - start)).ToArray();
            var clicks = Array.ConvertAll(batch, t => DistanceTransform.FindClick(t.Mask));
            var answers = session.Segment([.. clicks.Select(c => Prompt.At(c.X + 0.5f, c.Y + 0.5f))], noLabels).ToLookup(r => r.Prompt!.Value);
            for (int k = 0; k < batch.Length; k++)
                Click(batch[k].Annotation, batch[k].Mask, clicks[k], [.. answers[k]]);
        }
    }

    private void Click(Annotation annotation, Rle mask, (int X, int Y) click, MaskResult[] answer)
    {
        double best = answer.Max(r => r.Mask.IoU(mask)), byScore = answer.MaxBy(r => r.PredictedIou)!.Mask.IoU(mask);
        double[] discs = ConstantGuesses.DiscIous(mask, click.X, click.Y);
        string kind = annotation.Role != AnnotationRole.Part ? "wholes" : annotation.IsWeak ? "weak parts" : "parts";
        foreach (string name in new[] { "all", kind })
        {
            _means.Add($"best {name}", best);
            _means.Add($"best disc {name}", discs.Max());
        }
        _means.Add("by score", byScore);
        for (int i = 0; i < discs.Length; i++)
            _means.Add($"disc {i}", discs[i]);
    }

    private void Names(ImageSession session, AnnotatedImage image, (Annotation Annotation, Rle Mask)[] truth)
    {
        var present = truth.Where(t => t.Annotation.Category is not null).GroupBy(t => (Name: t.Annotation.Category!, IsPart: t.Annotation.Role == AnnotationRole.Part)).ToArray();
        // Each name is asked alone, as a whole or a part by its kind: what one name is answered must not hang on the others.
        foreach (var group in present)
        {
            var union = Rle.Merge(group.Select(t => t.Mask));
            double iou = Answer(session, group.Key.Name, group.Key.IsPart) is { } mask ? mask.IoU(union) : 0;
            string[] kinds = !group.Key.IsPart ? ["wholes"] : group.All(t => t.Annotation.IsWeak) ? ["parts"] : ["parts", "strong parts"];
            double[] rectangles = ConstantGuesses.RectangleIous(union);
            foreach (string kind in kinds)
            {
                _means.Add($"text {kind}", iou);
                for (int i = 0; i < rectangles.Length; i++)
                    _means.Add($"rectangle {i} {kind}", rectangles[i]);
            }
        }
        if (image.Source is not null && WholePartDataset.IncompleteSources.Contains(image.Source)) return;
        foreach (var (name, isPart) in AbsentNames.Choose(data, image, options.AbsentNames, _random))
            _means.Add("false positives", Answer(session, name, isPart) is null ? 0 : 1);
    }

    /// <summary>The union of what carries the name; null when nothing does.</summary>
    private static Rle? Answer(ImageSession session, string name, bool isPart)
    {
        var masks = session.Segment(Prompt.Named(name)).Where(r => isPart ? r.Part is not null : r.Whole is not null && r.Part is null).Select(r => r.Mask).ToArray();
        return masks.Length == 0 ? null : Rle.Merge(masks);
    }

    private EvaluationReport Report(int images, double seconds) => new()
    {
        Model = model.Name,
        Sha256 = model.Sha256,
        Images = images,
        ClickBestOfSix = Best("all"),
        ClickByScore = new(_means["by score"], Enumerable.Range(0, ConstantGuesses.DiscRadii.Length).Max(i => _means[$"disc {i}"]), _means.Count("by score")),
        ClickWholes = Best("wholes"),
        ClickParts = Best("parts"),
        ClickWeakParts = Best("weak parts"),
        TextWholes = Text("wholes"),
        TextParts = Text("parts"),
        TextStrongParts = Text("strong parts"),
        FalsePositives = new(_means["false positives"], 1, _means.Count("false positives")),
        SecondsPerImage = seconds,
    };

    private Figure Best(string kind) => new(_means[$"best {kind}"], _means[$"best disc {kind}"], _means.Count($"best {kind}"));

    private Figure Text(string kind) => new(_means[$"text {kind}"],
        Enumerable.Range(0, ConstantGuesses.CenteredSides.Length).Max(i => _means[$"rectangle {i} {kind}"]), _means.Count($"text {kind}"));
}
