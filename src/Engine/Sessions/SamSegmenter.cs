using SemanticSam.Imaging;
using SemanticSam.Masks;
using SemanticSam.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Sessions;

/// <summary>
/// SAM and MobileSAM behind a session. Points, box and mask of a prompt go through the decoder together, as it was trained; its three
/// masks are the levels of <see cref="GranularityMap.Sam"/>.
/// </summary>
internal sealed class SamSegmenter : Segmenter
{
    /// <summary>Prompts that go through the decoder in one call; each needs some 20 MB of upscaled features there.</summary>
    private const int PromptsPerCall = 16;

    /// <summary>Mask logits of the picture's size that exist at a time.</summary>
    private const long LogitsAtOnce = 1 << 24;

    private static readonly GranularityMap Map = GranularityMap.Sam;

    private readonly SamModel _model;
    private readonly Device _device;

    /// <summary>Takes over the model.</summary>
    public SamSegmenter(SamModel model, string sha256, Device device)
    {
        _model = model;
        _model.eval();
        _device = device;
        Sha256 = sha256;
    }

    public override string Name => _model.Config.Name;

    public override string Sha256 { get; }

    public override string? NamesRefusal =>
        $"The model '{Name}' knows no names, so it cannot be asked by text; ask it by --point, --box, --mask or --everything, or take a model with text (./semsam models lists them).";

    /// <summary>The defaults of SAM's automatic mask generation.</summary>
    public override InferenceSettings Settings { get; } = new() { PredictedIouThreshold = 0.88, StabilityThreshold = 0.95, PointsPerSide = 32 };

    public override Features Encode(RgbImage image) => new SamFeatures(_model.Encode(image));

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(Features features, IReadOnlyList<Prompt> prompts, LabelSet? labels)
    {
        using var quiet = no_grad();
        var picture = ((SamFeatures)features).Picture;
        var answers = new IReadOnlyList<Candidate>[prompts.Count];
        // Filling up unequal prompts with padding points would change their answers: only like goes with like.
        foreach (var alike in Enumerable.Range(0, prompts.Count).GroupBy(i => (prompts[i].Points.Count, BoxOf(prompts[i]) is null, prompts[i].Mask is null)))
            foreach (int[] batch in alike.Chunk(PromptsPerCall))
            {
                var found = Decode(picture, [.. batch.Select(i => prompts[i])]);
                for (int k = 0; k < batch.Length; k++) answers[batch[k]] = found[k];
            }
        return answers;
    }

    public override IReadOnlyList<MaskResult> AnswerNames(Features features, IReadOnlyList<string> names, double presenceThreshold) =>
        throw new PromptException(NamesRefusal!);

    public override LabelSet? Labels(IReadOnlyList<string>? names) => null;

    public override void Dispose() => _model.Dispose();

    /// <summary>A mask alone was never asked of SAM in training: its extent goes along as a box.</summary>
    private static BoxF? BoxOf(Prompt prompt) => prompt.Box
        ?? (prompt is { Mask: { } seed, Points.Count: 0 } ? new BoxF(seed.Bounds.Left, seed.Bounds.Top, seed.Bounds.Right, seed.Bounds.Bottom) : null);

    /// <summary>The three masks of each prompt, from the largest level to the smallest.</summary>
    private List<IReadOnlyList<Candidate>> Decode(SamPicture picture, Prompt[] prompts)
    {
        using var scope = NewDisposeScope();
        using var prediction = _model.Predict(picture, Tensors(picture, prompts));
        float[] ious = prediction.Iou.cpu().contiguous().data<float>().ToArray();
        int masks = (int)prediction.Iou.shape[1];
        int step = (int)Math.Clamp(LogitsAtOnce / ((long)masks * picture.Original.Height * picture.Original.Width), 1, prompts.Length);
        var answers = new List<IReadOnlyList<Candidate>>(prompts.Length);
        for (int start = 0; start < prompts.Length; start += step)
        {
            using var piece = NewDisposeScope();
            int count = Math.Min(step, prompts.Length - start);
            var logits = _model.PostprocessMasks(prediction.Logits.narrow(0, start, count), picture.Input, picture.Original); // [count, 3, H, W]
            for (int p = 0; p < count; p++)
                answers.Add([.. Map.Levels.Select(level =>
                {
                    int output = Map.TokenOf(level) - 1; // the outputs for an ambiguous prompt begin with token 1
                    var (mask, stability) = MaskPlanes.Threshold(logits[p][output]);
                    return new Candidate(mask, ious[(start + p) * masks + output], stability, level, null, null);
                })]);
        }
        return answers;
    }

    private SamPrompts Tensors(SamPicture picture, Prompt[] prompts)
    {
        int count = prompts.Length, points = prompts[0].Points.Count;
        bool boxed = BoxOf(prompts[0]) is not null, seeded = prompts[0].Mask is not null;
        return new SamPrompts
        {
            Points = points == 0 ? null : tensor(prompts.SelectMany(p => p.Points).SelectMany(p => new[] { p.X, p.Y }).ToArray(), [count, points, 2], device: _device),
            Labels = points == 0 ? null : tensor(prompts.SelectMany(p => p.Points).Select(p => p.Positive ? 1L : 0L).ToArray(), [count, points], device: _device),
            Boxes = !boxed ? null : tensor(prompts.Select(p => BoxOf(p)!.Value).SelectMany(b => new[] { b.X1, b.Y1, b.X2, b.Y2 }).ToArray(), [count, 4], device: _device),
            Masks = !seeded ? null : cat([.. prompts.Select(p => SeedMask.Logits(p.Mask!, picture.Input, _model))], 0).to(_device),
        };
    }
}

/// <summary>A picture encoded by SAM.</summary>
internal sealed class SamFeatures(SamPicture picture) : Features(picture.Original.Width, picture.Original.Height)
{
    public SamPicture Picture { get; } = picture;

    public override void Dispose() => Picture.Dispose();
}
