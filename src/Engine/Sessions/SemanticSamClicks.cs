using SemanticSam.Engine.Batch;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>Clicks on a picture encoded by a model of the Semantic-SAM family. What waits to be drawn is an embedding of a few hundred numbers.</summary>
internal sealed class SemanticSamClicks : ClickAnswers
{
    private readonly Tensor _maskFeatures; // [1, M, h, w]; the picture's
    private readonly MaskCodes _codes; // of the rows
    private readonly GranularityLevel[] _levels; // one a row
    private readonly ScoredLabel[]? _wholes, _parts;

    public SemanticSamClicks(SemanticSamModel model, EncodedPicture picture, IReadOnlyList<(double X, double Y)> points, (int Width, int Height) size,
        ClickRequest request, LevelRule rule, Device device)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        const float side = InteractiveInference.ClickSize;
        var labels = (EmbeddedLabels?)request.Labels;
        var boxes = tensor(points.SelectMany(p => new[] { (float)(p.X / size.Width), (float)(p.Y / size.Height), side, side }).ToArray(), [points.Count, 4], device: device);
        var predictions = model.Decoder.forward(picture.Memory, new DecoderRequest
        {
            Prompts = new PromptQueries(InteractiveInference.ToPadded(boxes, picture).unsqueeze(0), full([1, points.Count], PromptQueries.Click, ScalarType.Int64, device))
            {
                Isolation = request.Isolation,
            },
            Names = labels?.Names,
            Masks = MaskOutput.Embeddings,
        }).Prompts[^1];
        int tokens = model.Config.Decoder.MaskTokens;
        _maskFeatures = picture.Memory.MaskFeatures;
        var wanted = rule == LevelRule.Tokens
            ? WantedByToken(request.Levels, points.Count, tokens)
            : WantedByArea(request.Levels, points.Count, tokens, Areas(predictions.Codes!, picture));
        _levels = [.. wanted.Select(w => w.Level)];
        RowsPerClick = _levels.Length / points.Count;
        var rows = tensor([.. wanted.Select(w => (long)w.Row)], device: device);
        _codes = predictions.Codes!.OfPicture(0).Rows(rows).Each(t => t.DetachFromDisposeScope());
        PredictedIous = predictions.Ious!.flatten().index_select(0, rows).cpu().data<float>().ToArray();
        _wholes = Picked(LabelScores.Best(predictions.Logits, labels?.Wholes), wanted);
        _parts = Picked(LabelScores.Best(predictions.PartLogits, labels?.Parts), wanted);
    }

    public override int RowsPerClick { get; }

    public override float[] PredictedIous { get; }

    public override GranularityLevel LevelOf(int row) => _levels[row];

    public override (ScoredLabel? Whole, ScoredLabel? Part) LabelsOf(int row) => (_wholes?[row], _parts?[row]);

    public override float[] Draw(ReadOnlySpan<int> rows)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var chosen = tensor(Array.ConvertAll(rows.ToArray(), r => (long)r), device: _maskFeatures.device);
        return _codes.Rows(chosen).Planes(_maskFeatures).cpu().contiguous().data<float>().ToArray();
    }

    public override void Dispose()
    {
        _codes.Embeddings.Dispose();
        _codes.Boxes.Dispose();
        _codes.Strengths?.Dispose();
    }

    private static (int Row, GranularityLevel Level)[] WantedByToken(IReadOnlyList<GranularityLevel>? levels, int clicks, int tokens)
    {
        var map = GranularityMap.SemanticSam;
        return [.. Enumerable.Range(0, clicks).SelectMany(click => (levels ?? map.Levels).Select(level => (click * tokens + map.TokenOf(level), level)))];
    }

    /// <summary>The masks of a click by descending area at low resolution, for a model whose tokens have no fixed order.</summary>
    private static (int Row, GranularityLevel Level)[] WantedByArea(IReadOnlyList<GranularityLevel>? levels, int clicks, int tokens, long[] areas)
    {
        var wanted = new List<(int, GranularityLevel)>(clicks * tokens);
        for (int click = 0; click < clicks; click++)
        {
            int[] order = [.. Enumerable.Range(click * tokens, tokens).OrderByDescending(row => areas[row])];
            foreach (var level in levels ?? GranularityMap.All)
                if ((int)level <= tokens) wanted.Add((order[(int)level - 1], level));
        }
        return [.. wanted];
    }

    /// <summary>Cells above 0 of each mask inside the picture.</summary>
    private static long[] Areas(MaskCodes codes, EncodedPicture picture)
    {
        using var scope = NewDisposeScope();
        var features = picture.Memory.MaskFeatures;
        // Only the cells that the picture covers: what is predicted for the padding says nothing.
        long height = CellsOf(picture.Unpadded.Height, picture.Padded.Height, features.shape[2]), width = CellsOf(picture.Unpadded.Width, picture.Padded.Width, features.shape[3]);
        var low = codes.Planes(features).narrow(2, 0, height).narrow(3, 0, width); // [1, rows, h, w]
        return low.gt(0).sum([2, 3]).flatten().cpu().data<long>().ToArray();

        static long CellsOf(int size, int padded, long cells) => Math.Max(1, (size * cells + padded - 1) / padded);
    }

    private static ScoredLabel[]? Picked(ScoredLabel[]? labels, (int Row, GranularityLevel Level)[] wanted) =>
        labels is null ? null : Array.ConvertAll(wanted, w => labels[w.Row]);
}
