using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.SemanticSam;

/// <summary>An image encoded by a model of the Semantic-SAM family.</summary>
/// <param name="model">What encoded it.</param>
/// <param name="network">The model's.</param>
/// <param name="names">The model's encoder of names; null where it has none.</param>
/// <param name="features">What the encoder gave; becomes this object's.</param>
/// <param name="size">Of the original image.</param>
/// <param name="device">Where the network computes.</param>
internal sealed class SemanticSamEncodedImage(SemanticSamSegmenter model, SemanticSamModel network, NameEncoder? names, SemanticSamFeatures features,
    PixelSize size, Device device)
    : EncodedImage(model, size)
{
    /// <summary>Looks at the features before anything is asked of them.</summary>
    /// <exception cref="CheckpointException">They are not finite.</exception>
    public SemanticSamEncodedImage Checked()
    {
        RequireFinite(Model, features.Memory.MaskFeatures, features.Memory.Tokens);
        return this;
    }

    /// <summary>What the decoder sees.</summary>
    public SemanticSamFeatures Features => features;

    public override MaskUpsampler Upsampler { get; } = MaskUpsampler.Bicubic(
        new PixelSize((int)features.Memory.MaskFeatures.shape[2], (int)features.Memory.MaskFeatures.shape[3]), features.Geometry(size));

    /// <summary>Pixels of the original image to a cell of the decoder's masks.</summary>
    public double CellArea => (double)Width * Height / Features.Unpadded.Width / Features.Unpadded.Height
        * Features.Padded.Width * Features.Padded.Height / Upsampler.LowWidth / Upsampler.LowHeight;

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(IReadOnlyList<Prompt> prompts, PlaceRequest request)
    {
        using var quiet = no_grad();
        using var labels = BorrowNames(request.Labels);
        return new MixedPrompts(queries => Decode(queries, labels.Names), model.Settings.Levels).Answer(prompts);
    }

    public override ClickDecoder OpenClicks(ClickRequest request) =>
        new SemanticSamClickDecoder(this, network, BorrowNames(request.Labels), request, model.Settings.Levels, device);

    public override IReadOnlyList<NameAnswer> AnswerNames(IReadOnlyList<string> wanted, double? presenceThreshold)
    {
        if (names is null) return base.AnswerNames(wanted, presenceThreshold);
        using var quiet = no_grad();
        return [new(null, new NameAnswers(this, network, names, model.Settings).Find(wanted, presenceThreshold ?? model.Settings.PresenceThreshold))];
    }

    public override SavedEncoding Save() =>
        new(new Dictionary<string, Tensor> { ["mask_features"] = features.Memory.MaskFeatures, ["tokens"] = features.Memory.Tokens },
            new Dictionary<string, string>
            {
                ["padded"] = SavedEncoding.Write(features.Padded),
                ["unpadded"] = SavedEncoding.Write(features.Unpadded),
                ["levels"] = string.Join(',', features.Memory.Shapes.Select(s => SavedEncoding.Write(new((int)s.Height, (int)s.Width)))),
            });

    public override void Dispose() => features.Dispose();

    private BorrowedNames BorrowNames(IReadOnlyList<string>? wanted) => names?.Borrow(wanted) ?? default;

    /// <summary>The masks of each query, one a level, from the largest level to the smallest.</summary>
    private List<IReadOnlyList<Candidate>> Decode(IReadOnlyList<PlaceQuery> queries, EmbeddedNames? labels)
    {
        using var scope = NewDisposeScope();
        int tokens = network.Config.Decoder.MaskTokens;
        float[] boxes = [.. queries.SelectMany(Relative)];
        long[] kinds = [.. queries.Select(q => (long)(q.Box is null ? PromptQueries.Click : PromptQueries.Box))];
        var places = InteractiveInference.ToPadded(tensor(boxes, [queries.Count, 4], device: device), features).unsqueeze(0);
        var predictions = network.Decoder.forward(features.Memory, new DecoderRequest
        {
            Prompts = new PromptQueries(places, tensor(kinds, device: device).unsqueeze(0)),
            Names = labels?.Embeddings,
            Masks = MaskOutput.Last,
        }).Prompts[^1];

        var masks = MaskDrawing.Cut(predictions.Masks!.cpu().contiguous().data<float>().ToArray(), Upsampler); // n * tokens
        float[] ious = predictions.Ious!.cpu().data<float>().ToArray();
        RequireFinite(Model, ious);
        var wholes = LabelScores.Best(predictions.Logits, labels?.Wholes);
        var parts = LabelScores.Best(predictions.PartLogits, labels?.Parts);

        var answers = new List<IReadOnlyList<Candidate>>(queries.Count);
        for (int q = 0; q < queries.Count; q++)
        {
            int first = q * tokens;
            int[] order = model.Settings.Levels == LevelRule.Area
                ? [.. Enumerable.Range(0, tokens).OrderByDescending(t => masks[first + t].Mask.Area)]
                : [.. GranularityMap.All.Select(GranularityMap.SemanticSam.TokenOf)];
            answers.Add([.. order.Select((t, rank) =>
                new Candidate(masks[first + t].Mask, ious[first + t], masks[first + t].Stability, (GranularityLevel)(rank + 1), wholes?[first + t],
                    parts?[first + t]))]);
        }
        return answers;
    }

    /// <summary>(cx, cy, w, h) relative to the original image.</summary>
    private float[] Relative(PlaceQuery query) => query.Box is { } box
        ? [(box.X1 + box.X2) / 2 / Width, (box.Y1 + box.Y2) / 2 / Height, box.Width / Width, box.Height / Height]
        : [query.X / Width, query.Y / Height, InteractiveInference.ClickSize, InteractiveInference.ClickSize];
}
