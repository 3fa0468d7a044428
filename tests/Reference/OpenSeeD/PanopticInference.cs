using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference.OpenSeeD;

/// <summary>A segment of a panoptic result.</summary>
/// <param name="Id">Its number in the map, from 1.</param>
/// <param name="IsThing">A countable thing, else stuff, of which an image has one segment a name.</param>
/// <param name="Name">Index of its name.</param>
internal sealed record PanopticSegment(int Id, bool IsThing, int Name);

/// <summary>A panoptic result.</summary>
/// <param name="Map">[H, W] int32: the segment of each pixel, 0 for none.</param>
/// <param name="Segments">The segments in order of their ids.</param>
internal sealed record PanopticResult(Tensor Map, IReadOnlyList<PanopticSegment> Segments) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Map.Dispose();
}

/// <summary>Every pixel to at most one segment.</summary>
internal static class PanopticInference
{
    /// <summary>
    /// Queries above the threshold compete for every pixel by score times mask probability; a winner keeps the part of its mask it
    /// has won, when that is enough of it. Queries are kept by the raw probability but compete with the sharpened one, as in the reference.
    /// </summary>
    /// <param name="logits">[Q, names].</param>
    /// <param name="masksOf">Mask logits [rows, H, W] of the given rows (int64 [rows]).</param>
    /// <param name="size">H and W, for the case that nothing is kept.</param>
    /// <param name="isThing">For each name whether it is a thing.</param>
    /// <param name="options">Thresholds.</param>
    public static PanopticResult Segment(Tensor logits, Func<Tensor, Tensor> masksOf, PixelSize size, IReadOnlyList<bool> isThing, TextInferenceOptions options)
    {
        using var scope = NewDisposeScope();
        var map = zeros([size.Height, size.Width], ScalarType.Int32, logits.device);
        var segments = new List<PanopticSegment>();
        var probabilities = logits.sigmoid();
        var (best, _) = probabilities.max(-1);
        var rows = (best > options.ObjectMaskThreshold).nonzero().flatten(); // [K]
        if (rows.shape[0] == 0)
            return new PanopticResult(map.MoveToOuterDisposeScope(), segments);

        var (scores, labels) = SemanticInference.NameProbabilities(logits.index_select(0, rows), options).max(-1);
        var masks = masksOf(rows).sigmoid(); // [K, H, W]
        var winner = (scores.view(-1, 1, 1) * masks).argmax(0); // [H, W]
        long[] labelOf = labels.cpu().data<long>().ToArray();
        var stuff = new Dictionary<long, int>();
        for (int k = 0; k < labelOf.Length; k++)
            Paint(map, segments, stuff, winner.eq(k), masks[k] >= 0.5, (int)labelOf[k], isThing[(int)labelOf[k]], options);
        return new PanopticResult(map.MoveToOuterDisposeScope(), segments);
    }

    private static void Paint(Tensor map, List<PanopticSegment> segments, Dictionary<long, int> stuff, Tensor won, Tensor own, int name, bool isThing,
        TextInferenceOptions options)
    {
        using var scope = NewDisposeScope();
        var both = won.logical_and(own);
        long wonArea = won.sum().item<long>(), ownArea = own.sum().item<long>();
        if (wonArea == 0 || ownArea == 0 || both.sum().item<long>() == 0 || (double)wonArea / ownArea < options.OverlapThreshold)
            return;
        if (!isThing && stuff.TryGetValue(name, out int earlier))
        {
            map.masked_fill_(both, earlier);
            return;
        }
        int id = segments.Count + 1;
        map.masked_fill_(both, id);
        segments.Add(new PanopticSegment(id, isThing, name));
        if (!isThing) stuff[name] = id;
    }
}
