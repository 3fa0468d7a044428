using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.SemanticSam;

/// <summary>Clicks on an image encoded by a model of the Semantic-SAM family.</summary>
/// <param name="image">The image.</param>
/// <param name="network">Its model's.</param>
/// <param name="labels">Names to label masks with; become this object's.</param>
/// <param name="request">What is wanted.</param>
/// <param name="rule">How levels are told apart.</param>
/// <param name="device">Where the network computes.</param>
internal sealed class SemanticSamClickDecoder(SemanticSamEncodedImage image, SemanticSamModel network, BorrowedNames labels, ClickRequest request,
    LevelRule rule, Device device)
    : ClickDecoder
{
    /// <summary>
    /// What the transformer takes beyond the tensors counted in <see cref="Memory"/>, which were all with the former build on libtorch 1.13. On libtorch 2.10
    /// the embedded model takes 4 MB a click where 1.3 MB are counted: with MaxMemory at 16, 64, 128 and 256 MB everything mode grew by 112, 227, 373 and
    /// 428 MB, of which about 100 MB are taken once. Counted so, it grows by 100, 145 and 178 MB at 16, 64 and 128 MB, and by 336 MB at 512 MB (bench
    /// --everything-memory, 1,024 clicks on a photo of 251 x 384, two cores, 26 November 2026).
    /// </summary>
    private const int MeasuredOverCounted = 3;

    /// <summary>
    /// A click is six queries. Each samples every level with every head, goes through the feed-forward layer, and, where names are asked,
    /// is compared with them; its mask at low resolution is what costs most, while it is drawn and while areas are compared.
    /// </summary>
    public override ClickMemory Memory
    {
        get
        {
            var decoder = network.Config.Decoder;
            long drawn = 2L * image.Upsampler.LowHeight * image.Upsampler.LowWidth * sizeof(float);
            long query = MeasuredOverCounted * sizeof(float)
                * (8L * decoder.Width + 2L * decoder.FeedForwardWidth + 12L * decoder.Heads * decoder.Levels * decoder.Width);
            return new(Attend: decoder.MaskTokens * (query + (rule == LevelRule.Area ? drawn : 0)),
                Kept: decoder.MaskTokens * sizeof(float) * (long)decoder.MaskWidth, Draw: decoder.MaskTokens * drawn);
        }
    }

    public override DecodedClicks Decode(IReadOnlyList<(double X, double Y)> points)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        const float side = InteractiveInference.ClickSize;
        var features = image.Features;
        var boxes = tensor(points.SelectMany(p => new[] { (float)(p.X / image.Width), (float)(p.Y / image.Height), side, side }).ToArray(),
            [points.Count, 4], device: device);
        var predictions = network.Decoder.forward(features.Memory, new DecoderRequest
        {
            Prompts = new PromptQueries(InteractiveInference.ToPadded(boxes, features).unsqueeze(0),
            full([1, points.Count], PromptQueries.Click, ScalarType.Int64, device))
            {
                Joint = request.Joint,
            },
            Names = labels.Names?.Embeddings,
            Masks = MaskOutput.Embeddings,
        }).Prompts[^1];
        int tokens = network.Config.Decoder.MaskTokens;
        Row[] wanted = rule == LevelRule.Tokens ? ByToken(points.Count, tokens) : ByArea(points.Count, tokens, Areas(predictions.Codes!));
        var rows = tensor([.. wanted.Select(w => (long)w.Index)], device: device);
        var codes = predictions.Codes!.OfImage(0).Rows(rows).Each(t => t.DetachFromDisposeScope());
        float[] ious = predictions.Ious!.flatten().index_select(0, rows).cpu().data<float>().ToArray();
        EncodedImage.RequireFinite(image.Model, ious);
        return new Decoded(features.Memory.MaskFeatures, codes, [.. wanted.Select(w => w.Level)], points.Count, ious,
            Picked(LabelScores.Best(predictions.Logits, labels.Names?.Wholes), wanted),
            Picked(LabelScores.Best(predictions.PartLogits, labels.Names?.Parts), wanted));
    }

    public override void Dispose() => labels.Dispose();

    private readonly record struct Row(int Index, GranularityLevel Level);

    private Row[] ByToken(int clicks, int tokens)
    {
        var map = GranularityMap.SemanticSam;
        return [.. Enumerable.Range(0, clicks)
            .SelectMany(click => (request.Levels ?? map.Levels).Select(level => new Row(click * tokens + map.TokenOf(level), level)))];
    }

    /// <summary>The masks of a click by descending area at low resolution, for a model whose tokens have no fixed order.</summary>
    private Row[] ByArea(int clicks, int tokens, long[] areas)
    {
        var wanted = new List<Row>(clicks * tokens);
        for (int click = 0; click < clicks; click++)
        {
            int[] order = [.. Enumerable.Range(click * tokens, tokens).OrderByDescending(row => areas[row])];
            foreach (var level in request.Levels ?? GranularityMap.All)
                if ((int)level <= tokens) wanted.Add(new(order[(int)level - 1], level));
        }
        return [.. wanted];
    }

    /// <summary>Cells above 0 of each mask inside the image.</summary>
    private long[] Areas(MaskCodes codes)
    {
        using var scope = NewDisposeScope();
        var (padded, unpadded, features) = (image.Features.Padded, image.Features.Unpadded, image.Features.Memory.MaskFeatures);
        // Only the cells that the image covers: what is predicted for the padding says nothing.
        long height = CellsOf(unpadded.Height, padded.Height, features.shape[2]), width = CellsOf(unpadded.Width, padded.Width, features.shape[3]);
        var low = codes.Planes(features).narrow(2, 0, height).narrow(3, 0, width); // [1, rows, h, w]
        return low.gt(0).sum([2, 3]).flatten().cpu().data<long>().ToArray();

        static long CellsOf(int size, int padded, long cells) => Math.Max(1, (size * cells + padded - 1) / padded);
    }

    private static ScoredLabel[]? Picked(ScoredLabel[]? labels, Row[] wanted) => labels is null ? null : Array.ConvertAll(wanted, w => labels[w.Index]);

    /// <summary>What waits to be drawn is an embedding of a few hundred numbers.</summary>
    private sealed class Decoded(Tensor maskFeatures, MaskCodes codes, GranularityLevel[] levels, int clicks, float[] ious, ScoredLabel[]? wholes,
        ScoredLabel[]? parts) : DecodedClicks
    {
        public override int RowsPerClick => levels.Length / clicks;

        public override float[] PredictedIous => ious;

        public override GranularityLevel LevelOf(int row) => levels[row];

        public override (ScoredLabel? Whole, ScoredLabel? Part) LabelsOf(int row) => (wholes?[row], parts?[row]);

        public override float[] Draw(ReadOnlySpan<int> rows)
        {
            using var still = no_grad();
            using var scope = NewDisposeScope();
            var chosen = tensor(Array.ConvertAll(rows.ToArray(), r => (long)r), device: maskFeatures.device);
            return codes.Rows(chosen).Planes(maskFeatures).cpu().contiguous().data<float>().ToArray();
        }

        public override void Dispose()
        {
            codes.Embeddings.Dispose();
            codes.Boxes.Dispose();
            codes.Strengths?.Dispose();
        }
    }
}
