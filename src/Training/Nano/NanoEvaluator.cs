using SemanticSam.Formats;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.TextEncoder.Sentences;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation.Protocols;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>What <see cref="NanoEvaluator"/> measures, and how.</summary>
internal sealed record NanoEvaluationOptions
{
    /// <summary>Longer side at which pictures are encoded.</summary>
    public int Size { get; init; } = 384;

    /// <summary>Only so many pictures, spread evenly over the set; null for all.</summary>
    public int? MaxPictures { get; init; }

    /// <summary>A pixel belongs to a name from this logit on.</summary>
    public double PixelThreshold { get; init; } = -0.5;

    /// <summary>A name is answered if the mean probability of its best pixels is at least this.</summary>
    public double NameThreshold { get; init; } = 0.45;

    /// <summary>A name is answered if its presence is at least this.</summary>
    public double PresenceThreshold { get; init; } = 0.1;

    /// <summary>Absent names asked of each picture.</summary>
    public int AbsentNames { get; init; } = 3;

    /// <summary>Pictures, spread evenly, on which everything mode is measured.</summary>
    public int EverythingPictures { get; init; } = 24;
}

/// <summary>
/// Measures a model on annotated pictures while it is being trained: names asked one by one, one click a mask, words that training never
/// saw, everything mode.
/// </summary>
internal sealed class NanoEvaluator : IDisposable
{
    private readonly NanoModel _model;
    private readonly SentenceTokenizer _tokenizer;
    private readonly SentenceEncoder _encoder;
    private readonly NameVocabulary _vocabulary;
    private readonly NanoEvaluationOptions _options;
    private readonly Dictionary<string, Tensor> _sentences = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (double Sum, long Count)> _means = [];
    private readonly Device _device;

    /// <summary>Opens weights.</summary>
    /// <param name="weights">nano.safetensors of a training.</param>
    /// <param name="text">Folder of the sentence encoder.</param>
    /// <param name="vocabulary">Vocabulary file; null for the one that travels with the program.</param>
    /// <param name="options">What to measure.</param>
    /// <param name="device">Where to compute.</param>
    public NanoEvaluator(string weights, string text, string? vocabulary, NanoEvaluationOptions options, Device device)
    {
        (_options, _device) = (options, device);
        _model = new NanoModel(new NanoConfig());
        NanoFiles.LoadWeights(_model, weights);
        _model.to(device);
        (_tokenizer, _encoder) = NanoFiles.OpenText(text);
        _vocabulary = NanoFiles.OpenVocabulary(vocabulary);
    }

    /// <summary>Measures.</summary>
    /// <returns>Figures by name, with what each is the mean of.</returns>
    public IReadOnlyList<(string Name, double Value, long Count)> Run(WholePartDataset data, CancellationToken cancellation)
    {
        var images = data.Images.Where(i => i.Annotations.Count > 0).ToArray();
        if (_options.MaxPictures is { } most && most < images.Length) images = [.. Enumerable.Range(0, most).Select(i => images[(long)i * images.Length / most])];
        int everyNth = Math.Max(1, images.Length / Math.Max(1, _options.EverythingPictures));
        var random = new Random(1);
        for (int i = 0; i < images.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            RgbImage photo = ImageDecoder.Decode(images[i].Path!);
            using var picture = new NanoPicture(_model, photo, _options.Size, _device);
            var truth = images[i].Annotations.Select(a => (Annotation: a, Mask: a.Mask)).Where(t => !t.Mask.IsEmpty).ToArray();
            Names(picture, images[i], truth, data, random);
            Clicks(picture, truth);
            if (i % everyNth == 0) Everything(picture, truth);
        }
        string[] order = ["text wholes", "text wholes, presence", "text parts", "text strong parts", "absent", "absent, presence", "held-out word", "held-out word's name", "click best", "click by score", "box", "2 clicks", "3 clicks", "4 clicks", "5 clicks",
            "everything masks", "everything met", "everything meeting"];
        return [.. order.Select(n => (n, _means.TryGetValue(n, out var m) ? m.Sum / m.Count : double.NaN, m.Count))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _encoder.Dispose();
        foreach (var sentence in _sentences.Values) sentence.Dispose();
    }

    private void Names(NanoPicture picture, AnnotatedImage image, (Annotation Annotation, Rle Mask)[] truth, WholePartDataset data, Random random)
    {
        var present = truth.Where(t => t.Annotation.Category is not null).GroupBy(t => (Name: t.Annotation.Category!, IsPart: t.Annotation.Role == AnnotationRole.Part)).ToArray();
        foreach (var group in present)
        {
            Rle union = Rle.Merge(group.Select(t => t.Mask));
            var (mask, presence) = Answer(picture, group.Key.Name);
            double iou = mask?.IoU(union) ?? 0;
            Add($"text {(group.Key.IsPart ? "parts" : "wholes")}", iou);
            if (group.Key.IsPart && !group.All(t => t.Annotation.IsWeak)) Add("text strong parts", iou);
            if (!group.Key.IsPart) Add("text wholes, presence", presence >= _options.PresenceThreshold ? iou : 0);
            var entry = group.Key.IsPart ? _vocabulary.Part(group.Key.Name) : _vocabulary.Whole(group.Key.Name);
            foreach (string word in entry?.HeldOut ?? [])
            {
                Add("held-out word", Answer(picture, word).Mask?.IoU(union) ?? 0);
                Add("held-out word's name", iou);
            }
        }
        if (image.Source is not null && WholePartDataset.IncompleteSources.Contains(image.Source)) return;
        foreach (var (name, _) in AbsentNames.Choose(data, image, _options.AbsentNames, random))
        {
            var (mask, presence) = Answer(picture, name);
            Add("absent", mask is null ? 0 : 1);
            Add("absent, presence", mask is null || presence < _options.PresenceThreshold ? 0 : 1);
        }
    }

    private (Rle? Mask, double Presence) Answer(NanoPicture picture, string name)
    {
        if (!_sentences.TryGetValue(name, out var sentence)) _sentences[name] = sentence = PhraseBook.Encode([name], _tokenizer, _encoder).to(_device).DetachFromDisposeScope();
        return NameAnswer.Of(picture, sentence, _options.PixelThreshold, _options.NameThreshold);
    }

    private void Clicks(NanoPicture picture, (Annotation Annotation, Rle Mask)[] truth)
    {
        const int AtOnce = 16;
        foreach (var batch in truth.Chunk(AtOnce))
        {
            using var scope = NewDisposeScope();
            var clicks = Array.ConvertAll(batch, t => DistanceTransform.FindClick(t.Mask));
            var places = NanoInference.Clicks([.. clicks.Select(c => (float)((c.X + 0.5) * picture.CellsAPixel))], [.. clicks.Select(c => (float)((c.Y + 0.5) * picture.CellsAPixel))]);
            var (_, quality, drawing) = picture.Answers.Look(places);
            long slots = quality.shape[1];
            Tensor queries = arange(batch.Length, ScalarType.Int64).repeat_interleave(slots), levels = arange(slots, ScalarType.Int64).repeat(batch.Length);
            Tensor logits = picture.Enlarge(picture.Answers.Draw(drawing, queries, levels));
            float[] scores = quality.cpu().contiguous().data<float>().ToArray();
            for (int k = 0; k < batch.Length; k++)
            {
                double[] ious = [.. Enumerable.Range(0, (int)slots).Select(s => NameAnswer.ToMask(logits[k * slots + s], 0).IoU(batch[k].Mask))];
                int liked = Enumerable.Range(0, (int)slots).MaxBy(s => scores[k * slots + s]);
                Add("click best", ious.Max());
                Add("click by score", ious[liked]);
            }
            Corrections(picture, batch, [.. places], drawing, scores);
        }
    }

    /// <summary>Boxes; and from each click's best liked answer on, further clicks where it is most wrong.</summary>
    private void Corrections(NanoPicture picture, (Annotation Annotation, Rle Mask)[] batch, NanoPlace[] places, PlaceDrawing drawing, float[] scores)
    {
        const int MostClicks = 5;
        float cells = (float)picture.CellsAPixel;
        NanoPlace[] boxed = [.. batch.Select(t => new NanoPlace { Box = (t.Mask.Bounds.Left * cells, t.Mask.Bounds.Top * cells, t.Mask.Bounds.Right * cells, t.Mask.Bounds.Bottom * cells) })];
        foreach (var (mask, truth) in Answer(boxed).Zip(batch)) Add("box", NameAnswer.ToMask(mask.Full, 0).IoU(truth.Mask));

        int slots = scores.Length / batch.Length;
        Tensor liked = tensor(Enumerable.Range(0, batch.Length).Select(k => (long)Enumerable.Range(0, slots).MaxBy(s => scores[k * slots + s])).ToArray());
        Tensor first = picture.Answers.Draw(drawing, arange(batch.Length, ScalarType.Int64), liked);
        var answers = Split(first, picture.Enlarge(first));
        for (int n = 2; n <= MostClicks; n++)
        {
            for (int k = 0; k < batch.Length; k++)
            {
                Rle answer = NameAnswer.ToMask(answers[k].Full, 0), missing = batch[k].Mask.Subtract(answer), wrong = answer.Subtract(batch[k].Mask);
                bool inside = missing.Area >= wrong.Area;
                Rle error = inside ? missing : wrong;
                if (error.IsEmpty) continue;
                var (x, y) = DistanceTransform.FindClick(error);
                places[k] = places[k] with { Clicks = [.. places[k].Clicks, ((x + 0.5f) * cells, (y + 0.5f) * cells, inside)] };
            }
            for (int k = 0; k < batch.Length; k++) places[k] = places[k] with { Previous = answers[k].Cells.contiguous().data<float>().ToArray() };
            answers = Answer(places);
            for (int k = 0; k < batch.Length; k++) Add($"{n} clicks", NameAnswer.ToMask(answers[k].Full, 0).IoU(batch[k].Mask));
        }

        List<(Tensor Cells, Tensor Full)> Answer(NanoPlace[] asked)
        {
            var (_, _, given) = picture.Answers.Look(asked);
            Tensor drawn = picture.Answers.Draw(given, arange(asked.Length, ScalarType.Int64), zeros(asked.Length, ScalarType.Int64));
            return Split(drawn, picture.Enlarge(drawn));
        }

        static List<(Tensor Cells, Tensor Full)> Split(Tensor few, Tensor many) => [.. Enumerable.Range(0, (int)few.shape[0]).Select(i => (few[i].cpu(), many[i].cpu()))];
    }

    private void Everything(NanoPicture picture, (Annotation Annotation, Rle Mask)[] truth)
    {
        var masks = NanoEverything.Run(picture);
        Add("everything masks", masks.Count);
        foreach (var (_, mask) in truth) Add("everything met", masks.Any(m => m.Mask.IoU(mask) >= 0.5) ? 1 : 0);
        foreach (var found in masks) Add("everything meeting", truth.Any(t => t.Mask.IoU(found.Mask) >= 0.5) ? 1 : 0);
    }

    private void Add(string name, double value)
    {
        var (sum, count) = _means.GetValueOrDefault(name);
        _means[name] = (sum + value, count + 1);
    }
}
