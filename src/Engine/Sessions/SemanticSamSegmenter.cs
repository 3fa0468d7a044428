using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>Semantic-SAM, OpenSeeD and the embedded model behind a session. Weights are never changed, so one serves many threads.</summary>
internal sealed class SemanticSamSegmenter : Segmenter
{
    /// <summary>Prompts that go through the decoder in one call; more are cut into such batches.</summary>
    private const int PromptsPerCall = 64;

    private readonly SemanticSamModel _model;
    private readonly NameEncoder? _names;
    private readonly Device _device;

    /// <summary>Takes over the model.</summary>
    public SemanticSamSegmenter(SemanticSamModel model, InferenceSettings settings, string sha256, NameEncoder? names, Device device)
    {
        _model = model;
        _model.Freeze();
        _names = names;
        _device = device;
        Settings = settings;
        Sha256 = sha256;
    }

    public override string Name => _model.Config.Name;

    public override string Sha256 { get; }

    public override InferenceSettings Settings { get; }

    public override string? NamesRefusal =>
        _names is null || _model.Config.Decoder.ObjectQueries == 0
            ? $"The model '{Name}' was trained without names, so it cannot be asked by text; ask it by --point, --box, --mask or --everything, or take a model with text (./semsam models lists them)."
            : null;

    /// <summary>None: its decoder takes clicks and boxes.</summary>
    public override PixelSize? LogitsSize => null;

    public override IReadOnlyList<GranularityLevel> Levels => GranularityMap.All;

    public override bool HasSingleMaskToken => false;

    public override Features Encode(RgbImage image)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var resized = Resize(image);
        var pixels = tensor(resized.Pixels, [resized.Height, resized.Width, 3], dtype: ScalarType.Byte).permute(2, 0, 1).to(_device); // [3, H, W]
        return new EncodedFeatures(_model.Encode(pixels), image.Width, image.Height);
    }

    public override IReadOnlyList<IReadOnlyList<Candidate>> AnswerPlaces(Features features, IReadOnlyList<Prompt> prompts, LabelSet? labels, PlaceSettings? settings = null)
    {
        using var quiet = no_grad();
        var encoded = (EncodedFeatures)features;
        var queries = prompts.Select(PlaceQueries.Of).ToArray();
        var flat = queries.SelectMany(q => q).ToArray();
        var masks = new List<IReadOnlyList<Candidate>>(flat.Length); // six a query
        for (int start = 0; start < flat.Length; start += PromptsPerCall)
            masks.AddRange(Decode(encoded, flat.AsSpan(start, Math.Min(PromptsPerCall, flat.Length - start)), (EmbeddedLabels?)labels));

        var answers = new List<IReadOnlyList<Candidate>>(prompts.Count);
        int next = 0;
        for (int p = 0; p < prompts.Count; p++)
        {
            var own = masks.GetRange(next, queries[p].Count);
            next += queries[p].Count;
            answers.Add(own.Count == 1 && prompts[p].Points.All(point => point.Positive) && prompts[p].Mask is null ? own[0] : Mix(encoded, prompts[p], own));
        }
        return answers;
    }

    public override ClickAnswers Click(Features features, IReadOnlyList<(double X, double Y)> points, ClickRequest request) =>
        new SemanticSamClicks(_model, ((EncodedFeatures)features).Picture, points, (features.Width, features.Height), request, Settings.Levels, _device);

    /// <summary>
    /// A click is six queries. Each samples every level with every head, goes through the feed-forward layer, and, where names are asked,
    /// is compared with them; its mask at low resolution is what costs most, while it is drawn and while areas are compared.
    /// </summary>
    public override ClickMemory MemoryOfClicks(Features features)
    {
        var decoder = _model.Config.Decoder;
        long mask = (long)features.Upsampler.LowHeight * features.Upsampler.LowWidth * sizeof(float);
        long query = sizeof(float) * (8L * decoder.Width + 2L * decoder.FeedForwardWidth + 12L * decoder.Heads * decoder.Levels * decoder.Width);
        long drawn = 2 * mask;
        return new(decoder.MaskTokens * (query + (Settings.Levels == LevelRule.Area ? drawn : 0)), decoder.MaskTokens * sizeof(float) * (long)decoder.MaskWidth, decoder.MaskTokens * drawn);
    }

    public override IReadOnlyList<MaskResult> AnswerNames(Features features, IReadOnlyList<string> names, double presenceThreshold)
    {
        using var quiet = no_grad();
        return NameAnswers.Find(_model, (EncodedFeatures)features, _names!, names, Settings, presenceThreshold);
    }

    public override LabelSet? Labels(IReadOnlyList<string>? names)
    {
        if (_names is null) return null;
        using var quiet = no_grad();
        return _names.Labels(names, Settings);
    }

    public override PackedFeatures Pack(Features features)
    {
        var picture = ((EncodedFeatures)features).Picture;
        return new(new Dictionary<string, Tensor> { ["mask_features"] = picture.Memory.MaskFeatures, ["tokens"] = picture.Memory.Tokens },
            new Dictionary<string, string>
            {
                ["padded"] = PackedFeatures.Write(picture.Padded),
                ["unpadded"] = PackedFeatures.Write(picture.Unpadded),
                ["levels"] = string.Join(',', picture.Memory.Shapes.Select(s => PackedFeatures.Write(new((int)s.Height, (int)s.Width)))),
            });
    }

    public override Features Unpack(PackedFeatures packed, int width, int height)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var decoder = _model.Config.Decoder;
        PixelSize padded = packed.Size("padded"), unpadded = packed.Size("unpadded");
        if (unpadded.Height > padded.Height || unpadded.Width > padded.Width || padded.Height % 4 != 0 || padded.Width % 4 != 0)
            throw new FormatException($"the sizes {PackedFeatures.Write(unpadded)} in {PackedFeatures.Write(padded)} are none of a padded picture");
        var shapes = packed.Sizes("levels");
        if (shapes.Count != decoder.Levels) throw new FormatException($"there are features of {shapes.Count} levels, the model has {decoder.Levels}");
        long length = shapes.Sum(s => (long)s.Height * s.Width);
        var tokens = packed.Tensor("tokens", 1, length, decoder.Width).to(_device);
        var features = packed.Tensor("mask_features", 1, decoder.MaskWidth, padded.Height / 4, padded.Width / 4).to(_device);
        var multiScale = new List<Tensor>(shapes.Count);
        long start = 0;
        foreach (var shape in shapes)
        {
            multiScale.Add(tokens.narrow(1, start, (long)shape.Height * shape.Width).transpose(1, 2).view(1, decoder.Width, shape.Height, shape.Width)); // [1, C, h, w]
            start += (long)shape.Height * shape.Width;
        }
        multiScale.Reverse(); // the decoder takes the finest level first and stores it last
        return new EncodedFeatures(new EncodedPicture(_model.Decoder.Remember(features, multiScale).DetachFromDisposeScope(), padded, unpadded), width, height);
    }

    public override void Dispose()
    {
        _names?.Dispose();
        _model.Dispose();
    }

    private RgbImage Resize(RgbImage image)
    {
        var sizing = _model.Config.Sizing;
        return sizing.Edge == SizedEdge.Shorter
            ? Imaging.Resizing.Resize.ShortestSide(image, sizing.Pixels, sizing.Filter)
            : Imaging.Resizing.Resize.LongestSide(image, sizing.Pixels, sizing.Filter);
    }

    /// <summary>The masks of each query, one a level, from the largest level to the smallest.</summary>
    private List<IReadOnlyList<Candidate>> Decode(EncodedFeatures features, ReadOnlySpan<PlaceQuery> queries, EmbeddedLabels? labels)
    {
        using var scope = NewDisposeScope();
        int tokens = _model.Config.Decoder.MaskTokens;
        var boxes = new float[queries.Length * 4];
        var kinds = new long[queries.Length];
        for (int i = 0; i < queries.Length; i++)
        {
            var (cx, cy, w, h) = Relative(queries[i], features);
            (boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3]) = (cx, cy, w, h);
            kinds[i] = queries[i].Box is null ? PromptQueries.Click : PromptQueries.Box;
        }
        var places = InteractiveInference.ToPadded(tensor(boxes, [queries.Length, 4], device: _device), features.Picture).unsqueeze(0);
        var predictions = _model.Decoder.forward(features.Picture.Memory, new DecoderRequest
        {
            Prompts = new PromptQueries(places, tensor(kinds, device: _device).unsqueeze(0)),
            Names = labels?.Names,
            Masks = MaskOutput.Last,
        }).Prompts[^1];

        var masks = MaskPlanes.Cut(predictions.Masks!.cpu().contiguous().data<float>().ToArray(), features.Upsampler); // n * tokens
        float[] ious = predictions.Ious!.cpu().data<float>().ToArray();
        var wholes = LabelScores.Best(predictions.Logits, labels?.Wholes);
        var parts = LabelScores.Best(predictions.PartLogits, labels?.Parts);

        var answers = new List<IReadOnlyList<Candidate>>(queries.Length);
        for (int q = 0; q < queries.Length; q++)
        {
            var order = Enumerable.Range(0, tokens).ToArray();
            if (Settings.Levels == LevelRule.Area)
                order = [.. order.OrderByDescending(t => masks[q * tokens + t].Mask.Area)];
            else
                order = [.. GranularityMap.All.Select(GranularityMap.SemanticSam.TokenOf)];
            answers.Add([.. order.Select((t, rank) =>
            {
                int row = q * tokens + t;
                return new Candidate(masks[row].Mask, ious[row], masks[row].Stability, (GranularityLevel)(rank + 1), wholes?[row], parts?[row]);
            })]);
        }
        return answers;
    }

    /// <summary>(cx, cy, w, h) relative to the original picture.</summary>
    private static (float, float, float, float) Relative(PlaceQuery query, EncodedFeatures features)
    {
        if (query.Box is not { } box)
            return (query.X / features.Width, query.Y / features.Height, InteractiveInference.ClickSize, InteractiveInference.ClickSize);
        return ((box.X1 + box.X2) / 2 / features.Width, (box.Y1 + box.Y2) / 2 / features.Height, box.Width / features.Width, box.Height / features.Height);
    }

    /// <summary>
    /// One mask a level for a mixed prompt: of the queries' masks of that level the one that agrees best with everything said; what a
    /// negative point stands for is then cut out.
    /// </summary>
    private List<Candidate> Mix(EncodedFeatures features, Prompt prompt, List<IReadOnlyList<Candidate>> masks)
    {
        var negatives = prompt.Points.Where(p => !p.Positive).Select(p => new PlaceQuery(p.X, p.Y, null)).ToArray();
        var unwanted = negatives.Length == 0 ? [] : Decode(features, negatives, null);
        var answer = new List<Candidate>();
        foreach (var level in GranularityMap.All)
        {
            Candidate? best = null;
            double bestScore = double.NegativeInfinity;
            foreach (var candidate in masks.SelectMany(m => m).Where(c => c.Level == level))
            {
                double score = PlaceQueries.Agreement(candidate.Mask, prompt) * Math.Max(candidate.PredictedIou, 0.01);
                if (score <= bestScore) continue;
                (best, bestScore) = (candidate, score);
            }
            if (best is null) continue;
            var mask = best.Mask;
            for (int n = 0; n < negatives.Length; n++)
                mask = CutOut(mask, prompt.Points.Where(p => p.Positive).ToArray(), new PointPrompt(negatives[n].X, negatives[n].Y, false), unwanted[n]);
            answer.Add(best with { Mask = mask });
        }
        if (Settings.Levels != LevelRule.Area) return answer;
        // Masks of several queries, some of them cut: the order of their areas is to be made anew.
        var levels = answer.Select(c => c.Level).ToArray();
        return [.. answer.OrderByDescending(c => c.Mask.Area).Select((c, rank) => c with { Level = levels[rank] })];
    }

    /// <summary>Takes away, where a negative point is covered, the largest of its masks that holds no positive point.</summary>
    private static Rle CutOut(Rle mask, PointPrompt[] positives, PointPrompt negative, IReadOnlyList<Candidate> unwanted)
    {
        if (!PlaceQueries.Covers(mask, negative)) return mask;
        foreach (var candidate in unwanted.OrderByDescending(c => c.Mask.Area))
        {
            if (!PlaceQueries.Covers(candidate.Mask, negative) || positives.Any(p => PlaceQueries.Covers(candidate.Mask, p))) continue;
            var rest = mask.Subtract(candidate.Mask);
            if (!rest.IsEmpty) return rest;
        }
        return mask;
    }
}

/// <summary>A picture encoded by a model of the Semantic-SAM family.</summary>
internal sealed class EncodedFeatures(EncodedPicture picture, int width, int height) : Features(width, height)
{
    public EncodedPicture Picture { get; } = picture;

    public override MaskUpsampler Upsampler { get; } = MaskUpsampler.Bicubic(
        new PixelSize((int)picture.Memory.MaskFeatures.shape[2], (int)picture.Memory.MaskFeatures.shape[3]), picture.Geometry(new PixelSize(height, width)));

    /// <summary>Pixels of the original picture to a cell of the decoder's masks.</summary>
    public double CellArea => (double)Width * Height / Picture.Unpadded.Width / Picture.Unpadded.Height
        * Picture.Padded.Width * Picture.Padded.Height / Upsampler.LowWidth / Upsampler.LowHeight;

    public override void Dispose() => Picture.Dispose();
}
