using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Sam;

/// <summary>
/// An image encoded by SAM. Points, box and mask of a prompt go through the decoder together, as it was trained.
/// </summary>
/// <param name="model">What encoded it.</param>
/// <param name="network">The model's.</param>
/// <param name="features">What the encoder gave; becomes this object's.</param>
/// <param name="device">Where the network computes.</param>
internal sealed class SamEncodedImage(SamSegmenter model, SamModel network, SamFeatures features, Device device) : EncodedImage(model, features.Original)
{
    /// <summary>Prompts that go through the decoder in one call; each has its own 4 MB of features there and, on a GPU, some 20 MB of upscaled ones.</summary>
    private const int PromptsPerCall = 16;

    /// <summary>Points of all prompts of a call: each attends to every cell of the embedding.</summary>
    private const int PointsPerCall = 1024;

    private static readonly GranularityMap Map = GranularityMap.Sam;

    /// <summary>Looks at the features before anything is asked of them; takes itself away where they are not finite.</summary>
    /// <exception cref="CheckpointException">They are not.</exception>
    public SamEncodedImage Checked()
    {
        try
        {
            RequireFinite(Model, features.Embedding);
            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override MaskUpsampler Upsampler { get; } = MaskUpsampler.Bilinear(new PixelSize(network.MaskSide, network.MaskSide),
        new ImageGeometry(new PixelSize(network.Config.ImageSize, network.Config.ImageSize), features.Input, features.Original));

    public override PixelSize? LogitsSize => new PixelSize(network.MaskSide, network.MaskSide);

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request)
    {
        using var quiet = no_grad();
        var answers = new IReadOnlyList<Candidate>[prompts.Count];
        // Filling up unequal prompts with padding points would change their answers: only like goes with like.
        foreach (var alike in Enumerable.Range(0, prompts.Count).GroupBy(i => (prompts[i].Points.Count, BoxOf(prompts[i]) is null, HasMask(prompts[i]))))
            foreach (int[] batch in alike.Chunk(Math.Clamp(PointsPerCall / Math.Max(alike.Key.Item1, 1), 1, PromptsPerCall)))
            {
                var found = Decode([.. batch.Select(i => prompts[i])], request);
                for (int k = 0; k < batch.Length; k++) answers[batch[k]] = found[k];
            }
        return answers;
    }

    public override ClickDecoder OpenClicks(ClickRequest request) => new SamClickDecoder(network, features, request.Levels, device);

    public override SavedEncoding Save() =>
        new(new Dictionary<string, Tensor> { ["embedding"] = features.Embedding }, new Dictionary<string,
            string> { ["input"] = SavedEncoding.Write(features.Input) });

    public override void Dispose() => features.Dispose();

    private static bool HasMask(Prompt prompt) => prompt.Mask is not null || prompt.Logits is not null;

    /// <summary>
    /// A mask alone was never asked of SAM in training: its extent goes along as a box. Logits are what an earlier answer was, and go as they are.
    /// </summary>
    private static BoxF? BoxOf(Prompt prompt) => prompt.Box
        ?? (prompt is { Mask: { } seed, Points.Count: 0 } ? new BoxF(seed.Bounds.Left, seed.Bounds.Top, seed.Bounds.Right, seed.Bounds.Bottom) : null);

    /// <summary>The masks of each prompt: three, from the largest level to the smallest, or the single one.</summary>
    private List<IReadOnlyList<Candidate>> Decode(Prompt[] prompts, PlaceRequest request)
    {
        using var scope = NewDisposeScope();
        using var prediction = network.Predict(features, Tensors(prompts), multimask: !request.Single);
        float[] ious = prediction.Iou.cpu().contiguous().data<float>().ToArray();
        RequireFinite(Model, ious);
        float[] low = prediction.Logits.cpu().contiguous().data<float>().ToArray();
        var cut = MaskDrawing.Cut(low, Upsampler);
        int masks = (int)prediction.Iou.shape[1], side = network.MaskSide;
        Candidate Of(int prompt, int output, GranularityLevel? level)
        {
            int row = prompt * masks + output;
            return new Candidate(cut[row].Mask, ious[row], cut[row].Stability, level, null, null)
            {
                Logits = request.KeepLogits ? new MaskLogits(side, side, low.AsSpan(row * side * side, side * side)) : null,
            };
        }
        return [.. Enumerable.Range(0, prompts.Length).Select(IReadOnlyList<Candidate> (p) =>
            // The outputs for an ambiguous prompt begin with token 1.
            request.Single ? [Of(p, 0, null)] : [.. Map.Levels.Select(level => Of(p, Map.TokenOf(level) - 1, level))])];
    }

    private SamPrompts Tensors(Prompt[] prompts)
    {
        int count = prompts.Length, points = prompts[0].Points.Count;
        return new SamPrompts
        {
            Points = points == 0 ? null
                : tensor(prompts.SelectMany(p => p.Points).SelectMany(p => new[] { p.X, p.Y }).ToArray(), [count, points, 2], device: device),
            Labels = points == 0 ? null
                : tensor(prompts.SelectMany(p => p.Points).Select(p => p.Positive ? 1L : 0L).ToArray(), [count, points], device: device),
            Boxes = BoxOf(prompts[0]) is null
                ? null
                : tensor(prompts.Select(p => BoxOf(p)!.Value).SelectMany(b => new[] { b.X1, b.Y1, b.X2, b.Y2 }).ToArray(), [count, 4], device: device),
            Masks = HasMask(prompts[0]) ? cat([.. prompts.Select(Seed)], 0).to(device) : null,
        };
    }

    /// <summary>[1, 1, 4h, 4w].</summary>
    private Tensor Seed(Prompt prompt) => prompt.Logits is { } logits
        ? tensor(logits.Values.ToArray(), [1, 1, logits.Height, logits.Width])
        : SeedMask.Logits(prompt.Mask!, features.Input, network);
}
