using System.Diagnostics;
using SemanticSam.Engine;
using SemanticSam.Formats;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Training.Data;

namespace SemanticSam.Training.Evaluation;

/// <summary>What is evaluated.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Only so many images, spread evenly over the set; null for all. At least 1.</summary>
    public int? MaxImages { get; init; }

    /// <summary>Absent names asked of each image, of wholes and of parts alike.</summary>
    public int AbsentNames { get; init; } = 4;

    /// <summary>Seed of the choice of absent names.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Clicks that go through the decoder together.</summary>
    public int ClicksPerBatch { get; init; } = 32;
}

/// <summary>Measures a model on annotated images, through the same API that users call.</summary>
public sealed class Evaluator(SegmentationModel model, WholePartDataset data, EvaluationOptions options)
{
    private readonly Measures _measures = new();
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
        double[] discs = ConstantGuesses.DiscIous(mask, click.X, click.Y);
        var best = (Model: answer.Max(r => r.Mask.IoU(mask)), Guess: discs.Max());
        _measures.ClickBestOfSix.Add(best.Model, [best.Guess]);
        (annotation.Role != AnnotationRole.Part ? _measures.ClickWholes : annotation.IsWeak ? _measures.ClickWeakParts : _measures.ClickParts).Add(best.Model, [best.Guess]);
        _measures.ClickByScore.Add(answer.MaxBy(r => r.PredictedIou)!.Mask.IoU(mask), discs);
    }

    private void Names(ImageSession session, AnnotatedImage image, (Annotation Annotation, Rle Mask)[] truth)
    {
        var present = truth.Where(t => t.Annotation.Category is not null).GroupBy(t => (Name: t.Annotation.Category!, IsPart: t.Annotation.Role == AnnotationRole.Part)).ToArray();
        // Each name is asked alone, as a whole or a part by its kind: what one name is answered must not hang on the others.
        foreach (var group in present)
        {
            var union = Rle.Merge(group.Select(t => t.Mask));
            double iou = Answer(session, group.Key.Name, group.Key.IsPart) is { } mask ? mask.IoU(union) : 0;
            double[] rectangles = ConstantGuesses.RectangleIous(union);
            (group.Key.IsPart ? _measures.TextParts : _measures.TextWholes).Add(iou, rectangles);
            if (group.Key.IsPart && !group.All(t => t.Annotation.IsWeak)) _measures.TextStrongParts.Add(iou, rectangles);
        }
        if (image.Source is not null && WholePartDataset.IncompleteSources.Contains(image.Source)) return;
        foreach (var (name, isPart) in AbsentNames.Choose(data, image, options.AbsentNames, _random))
            _measures.FalsePositives.Add(Answer(session, name, isPart) is null ? 0 : 1, [1]); // always answering is wrong each time
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
        ClickBestOfSix = _measures.ClickBestOfSix.Figure,
        ClickByScore = _measures.ClickByScore.Figure,
        ClickWholes = _measures.ClickWholes.Figure,
        ClickParts = _measures.ClickParts.Figure,
        ClickWeakParts = _measures.ClickWeakParts.Figure,
        TextWholes = _measures.TextWholes.Figure,
        TextParts = _measures.TextParts.Figure,
        TextStrongParts = _measures.TextStrongParts.Figure,
        FalsePositives = _measures.FalsePositives.Figure with { Constant = 1 },
        SecondsPerImage = seconds,
    };

    /// <summary>What is measured, as <see cref="EvaluationReport"/> tells it.</summary>
    private sealed record Measures
    {
        public Measure ClickBestOfSix { get; } = new();
        public Measure ClickByScore { get; } = new();
        public Measure ClickWholes { get; } = new();
        public Measure ClickParts { get; } = new();
        public Measure ClickWeakParts { get; } = new();
        public Measure TextWholes { get; } = new();
        public Measure TextParts { get; } = new();
        public Measure TextStrongParts { get; } = new();
        public Measure FalsePositives { get; } = new();
    }
}
