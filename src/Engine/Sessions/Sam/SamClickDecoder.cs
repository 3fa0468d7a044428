using SemanticSam.Granularity.Sam;
using SemanticSam.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Sam;

/// <summary>Clicks on an image encoded by SAM.</summary>
internal sealed class SamClickDecoder : ClickDecoder
{
    private static readonly GranularityMap Map = GranularityMap.Sam;

    private readonly SamModel _network;
    private readonly SamFeatures _features;
    private readonly Device _device;
    private readonly int[] _outputs; // of the three, ascending

    public SamClickDecoder(SamModel network, SamFeatures features, IReadOnlyList<GranularityLevel>? levels, Device device)
    {
        (_network, _features, _device) = (network, features, device);
        // The outputs for an ambiguous prompt begin with token 1. The reference looks at them in this order, which decides between equals.
        _outputs = [.. (levels ?? Map.Levels).Select(level => Map.TokenOf(level) - 1).Order()];
    }

    /// <summary>
    /// In numbers of the image's embedding: a click keeps one copy of it. On the CPU the transformer writes that, and drawing copies it and
    /// gives masks of a fifth of its size, twice at the end; the steps work on a piece at a time, which for a single click takes as much
    /// again. Elsewhere all clicks go through every step together: the transformer holds about six (pixels with and without positions,
    /// projections to half the width, the attention's output, the sum before the norm), drawing about eight: the first upscaling is as
    /// large as the embedding and exists three times around its norm, the second is twice as large and exists twice. Counted and checked with the
    /// former build on libtorch 1.13; not measured again on 2.10.
    /// </summary>
    public override ClickMemory Memory
    {
        get
        {
            long embedding = _features.Embedding.numel() * sizeof(float);
            return _device.type == DeviceType.CPU
                ? new(Attend: 2 * embedding, Kept: embedding, Draw: 3 * embedding)
                : new(Attend: 6 * embedding, Kept: embedding, Draw: 8 * embedding);
        }
    }

    public override DecodedClicks Decode(IReadOnlyList<(double X, double Y)> points)
    {
        using var scope = NewDisposeScope();
        // Double precision up to the position code, as in the reference's generator.
        var places = tensor(points.SelectMany(p => new[] { p.X, p.Y }).ToArray(), [points.Count, 1, 2], device: _device);
        var tokens = _network.Attend(_features, new SamPrompts { Points = places, Labels = ones([points.Count, 1], ScalarType.Int64, _device) });
        var wanted = tensor([.. _outputs.Select(o => (long)o + 1)], device: _device);
        return new Decoded(_network, tokens, _outputs, tokens.Iou.index_select(1, wanted).contiguous().cpu().data<float>().ToArray());
    }

    /// <summary>The upscaling, which is half of the decoder's work, is spared where no mask of a click is wanted.</summary>
    private sealed class Decoded(SamModel network, SamTokens tokens, int[] outputs, float[] ious) : DecodedClicks
    {
        public override int RowsPerClick => outputs.Length;

        public override float[] PredictedIous => ious;

        public override GranularityLevel LevelOf(int row) => Map.LevelOf(outputs[row % RowsPerClick] + 1)!.Value;

        public override float[] Draw(ReadOnlySpan<int> rows)
        {
            using var scope = NewDisposeScope();
            var clicks = new List<int>();
            foreach (int row in rows)
                if (clicks.Count == 0 || clicks[^1] != row / RowsPerClick) clicks.Add(row / RowsPerClick);
            var all = network.Draw(tokens, clicks, multimask: true).flatten(0, 1); // [clicks * 3, h, w]
            var places = new long[rows.Length];
            for (int i = 0; i < rows.Length; i++)
                places[i] = clicks.IndexOf(rows[i] / RowsPerClick) * (long)network.Config.MultimaskOutputs + outputs[rows[i] % RowsPerClick];
            return all.index_select(0, tensor(places, device: all.device)).cpu().data<float>().ToArray();
        }

        public override void Dispose() => tokens.Dispose();
    }
}
