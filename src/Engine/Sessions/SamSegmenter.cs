using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using SemanticSam.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// SAM and MobileSAM behind a session. Points, box and mask of a prompt go through the decoder together, as it was trained; its three
/// masks are the levels of <see cref="GranularityMap.Sam"/>.
/// </summary>
internal sealed class SamSegmenter : Segmenter
{
    /// <summary>Prompts that go through the decoder in one call; each has its own 4 MB of features there and, on a GPU, some 20 MB of upscaled ones.</summary>
    private const int PromptsPerCall = 16;

    private static readonly GranularityMap Map = GranularityMap.Sam;

    private readonly SamModel _model;
    private readonly Device _device;

    /// <summary>Takes over the model.</summary>
    public SamSegmenter(SamModel model, string sha256, Device device)
    {
        _model = model;
        _model.Freeze();
        _device = device;
        Sha256 = sha256;
    }

    public override string Name => _model.Config.Name;

    public override string Sha256 { get; }

    public override string? NamesRefusal =>
        $"The model '{Name}' knows no names, so it cannot be asked by text; ask it by --point, --box, --mask or --everything, or take a model with text (./semsam models lists them).";

    public override PixelSize? LogitsSize => new PixelSize(_model.MaskSide, _model.MaskSide);

    public override IReadOnlyList<GranularityLevel> Levels => Map.Levels;

    public override bool HasSingleMaskToken => true;

    /// <summary>The defaults of SAM's automatic mask generation.</summary>
    public override InferenceSettings Settings { get; } = new() { PredictedIouThreshold = 0.88, StabilityThreshold = 0.95, PointsPerSide = 32, MinRegionArea = 0 };

    public override Features Encode(RgbImage image) => new SamFeatures(_model.Encode(image), _model);

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(Features features, IReadOnlyList<Prompt> prompts, LabelSet? labels, PlaceSettings? settings = null)
    {
        using var quiet = no_grad();
        var own = (SamFeatures)features;
        var answers = new IReadOnlyList<Candidate>[prompts.Count];
        // Filling up unequal prompts with padding points would change their answers: only like goes with like.
        foreach (var alike in Enumerable.Range(0, prompts.Count).GroupBy(i => (prompts[i].Points.Count, BoxOf(prompts[i]) is null, HasMask(prompts[i]))))
            foreach (int[] batch in alike.Chunk(PromptsPerCall))
            {
                var found = Decode(own, [.. batch.Select(i => prompts[i])], settings ?? new(false, false));
                for (int k = 0; k < batch.Length; k++) answers[batch[k]] = found[k];
            }
        return answers;
    }

    public override ClickAnswers Click(Features features, IReadOnlyList<(double X, double Y)> points, ClickRequest request) =>
        new SamClicks(_model, ((SamFeatures)features).Picture, points, request.Levels, _device);

    /// <summary>
    /// In numbers of the picture's embedding: a click keeps one copy of it. On the CPU the transformer writes that, and drawing copies it and
    /// gives masks of a fifth of its size, twice at the end; the steps work on a piece at a time, which for a single click takes as much
    /// again. Elsewhere all clicks go through every step together: the transformer holds about six (pixels with and without positions,
    /// projections to half the width, the attention's output, the sum before the norm), drawing about eight: the first upscaling is as
    /// large as the embedding and exists three times around its norm, the second is twice as large and exists twice.
    /// </summary>
    public override ClickMemory MemoryOfClicks(Features features)
    {
        long embedding = ((SamFeatures)features).Picture.Embedding.numel() * sizeof(float);
        return _device.type == DeviceType.CPU ? new(Attend: 2 * embedding, Kept: embedding, Draw: 3 * embedding) : new(Attend: 6 * embedding, Kept: embedding, Draw: 8 * embedding);
    }

    public override IReadOnlyList<MaskResult> AnswerNames(Features features, IReadOnlyList<string> names, double presenceThreshold) =>
        throw new PromptException(NamesRefusal!);

    public override LabelSet? Labels(IReadOnlyList<string>? names) => null;

    public override PackedFeatures Pack(Features features)
    {
        var picture = ((SamFeatures)features).Picture;
        return new(new Dictionary<string, Tensor> { ["embedding"] = picture.Embedding }, new Dictionary<string, string> { ["input"] = PackedFeatures.Write(picture.Input) });
    }

    public override Features Unpack(PackedFeatures packed, int width, int height)
    {
        using var scope = NewDisposeScope();
        int grid = _model.Config.Grid;
        var input = packed.Size("input");
        if (Math.Max(input.Height, input.Width) != _model.Config.ImageSize)
            throw new FormatException($"the entry 'input' is '{PackedFeatures.Write(input)}', but its longer side must be {_model.Config.ImageSize}");
        var embedding = packed.Tensor("embedding", 1, _model.Config.Width, grid, grid).to(_device);
        return new SamFeatures(new SamPicture(embedding.alias().DetachFromDisposeScope(), new PixelSize(height, width), input), _model);
    }

    public override void Dispose() => _model.Dispose();

    private static bool HasMask(Prompt prompt) => prompt.Mask is not null || prompt.Logits is not null;

    /// <summary>
    /// A mask alone was never asked of SAM in training: its extent goes along as a box. Logits are what an earlier answer was, and go as they are.
    /// </summary>
    private static BoxF? BoxOf(Prompt prompt) => prompt.Box
        ?? (prompt is { Mask: { } seed, Points.Count: 0 } ? new BoxF(seed.Bounds.Left, seed.Bounds.Top, seed.Bounds.Right, seed.Bounds.Bottom) : null);

    /// <summary>The masks of each prompt: three, from the largest level to the smallest, or the single one.</summary>
    private List<IReadOnlyList<Candidate>> Decode(SamFeatures features, Prompt[] prompts, PlaceSettings settings)
    {
        using var scope = NewDisposeScope();
        using var prediction = _model.Predict(features.Picture, Tensors(features.Picture, prompts), multimask: !settings.Single);
        float[] ious = prediction.Iou.cpu().contiguous().data<float>().ToArray();
        float[] low = prediction.Logits.cpu().contiguous().data<float>().ToArray();
        var cut = MaskPlanes.Cut(low, features.Upsampler);
        int masks = (int)prediction.Iou.shape[1], side = _model.MaskSide;
        Candidate Of(int prompt, int output, GranularityLevel? level)
        {
            int row = prompt * masks + output;
            return new Candidate(cut[row].Mask, ious[row], cut[row].Stability, level, null, null)
            {
                Logits = settings.KeepLogits ? new MaskLogits(side, side, low.AsSpan(row * side * side, side * side)) : null,
            };
        }
        return [.. Enumerable.Range(0, prompts.Length).Select(IReadOnlyList<Candidate> (p) =>
            // The outputs for an ambiguous prompt begin with token 1.
            settings.Single ? [Of(p, 0, null)] : [.. Map.Levels.Select(level => Of(p, Map.TokenOf(level) - 1, level))])];
    }

    private SamPrompts Tensors(SamPicture picture, Prompt[] prompts)
    {
        int count = prompts.Length, points = prompts[0].Points.Count;
        return new SamPrompts
        {
            Points = points == 0 ? null : tensor(prompts.SelectMany(p => p.Points).SelectMany(p => new[] { p.X, p.Y }).ToArray(), [count, points, 2], device: _device),
            Labels = points == 0 ? null : tensor(prompts.SelectMany(p => p.Points).Select(p => p.Positive ? 1L : 0L).ToArray(), [count, points], device: _device),
            Boxes = BoxOf(prompts[0]) is null ? null : tensor(prompts.Select(p => BoxOf(p)!.Value).SelectMany(b => new[] { b.X1, b.Y1, b.X2, b.Y2 }).ToArray(), [count, 4], device: _device),
            Masks = HasMask(prompts[0]) ? cat([.. prompts.Select(p => Seed(p, picture))], 0).to(_device) : null,
        };
    }

    /// <summary>[1, 1, 4h, 4w].</summary>
    private Tensor Seed(Prompt prompt, SamPicture picture) => prompt.Logits is { } logits
        ? tensor(logits.Values.ToArray(), [1, 1, logits.Height, logits.Width])
        : SeedMask.Logits(prompt.Mask!, picture.Input, _model);
}

/// <summary>A picture encoded by SAM.</summary>
internal sealed class SamFeatures(SamPicture picture, SamModel model) : Features(picture.Original.Width, picture.Original.Height)
{
    public SamPicture Picture { get; } = picture;

    public override MaskUpsampler Upsampler { get; } = MaskUpsampler.Bilinear(new PixelSize(model.MaskSide, model.MaskSide),
        new PictureGeometry(new PixelSize(model.Config.ImageSize, model.Config.ImageSize), picture.Input, picture.Original));

    public override void Dispose() => Picture.Dispose();
}
