using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions;

/// <summary>Clicks on a picture encoded by SAM. The upscaling, which is half of the decoder's work, is spared where no mask of a click is wanted.</summary>
internal sealed class SamClicks : ClickAnswers
{
    private static readonly GranularityMap Map = GranularityMap.Sam;

    private readonly SamModel _model;
    private readonly SamTokens _tokens;
    private readonly int[] _outputs; // of the three, ascending

    public SamClicks(SamModel model, SamPicture picture, IReadOnlyList<(double X, double Y)> points, IReadOnlyList<GranularityLevel>? levels, Device device)
    {
        _model = model;
        // The outputs for an ambiguous prompt begin with token 1. The reference looks at them in this order, which decides between equals.
        _outputs = [.. (levels ?? Map.Levels).Select(level => Map.TokenOf(level) - 1).Order()];
        using var scope = NewDisposeScope();
        // Double precision up to the position code, as in the reference's generator.
        var places = tensor(points.SelectMany(p => new[] { p.X, p.Y }).ToArray(), [points.Count, 1, 2], device: device);
        _tokens = model.Attend(picture, new SamPrompts { Points = places, Labels = ones([points.Count, 1], ScalarType.Int64, device) });
        var wanted = tensor([.. _outputs.Select(o => (long)o + 1)], device: device);
        PredictedIous = _tokens.Iou.index_select(1, wanted).contiguous().cpu().data<float>().ToArray();
    }

    public override int RowsPerClick => _outputs.Length;

    public override float[] PredictedIous { get; }

    public override GranularityLevel LevelOf(int row) => Map.LevelOf(_outputs[row % RowsPerClick] + 1)!.Value;

    public override float[] Draw(ReadOnlySpan<int> rows)
    {
        using var scope = NewDisposeScope();
        var clicks = new List<int>();
        foreach (int row in rows)
            if (clicks.Count == 0 || clicks[^1] != row / RowsPerClick) clicks.Add(row / RowsPerClick);
        var all = _model.Draw(_tokens, clicks, multimask: true).flatten(0, 1); // [clicks * 3, h, w]
        var places = new long[rows.Length];
        for (int i = 0; i < rows.Length; i++)
            places[i] = clicks.IndexOf(rows[i] / RowsPerClick) * (long)_model.Config.MultimaskOutputs + _outputs[rows[i] % RowsPerClick];
        return all.index_select(0, tensor(places, device: all.device)).cpu().data<float>().ToArray();
    }

    public override void Dispose() => _tokens.Dispose();
}
