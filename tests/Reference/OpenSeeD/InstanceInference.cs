using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference.OpenSeeD;

/// <summary>Instances by descending score.</summary>
/// <param name="Scores">[N] 0..1.</param>
/// <param name="Names">[N] int64 indices of names.</param>
/// <param name="Queries">[N] int64 rows of the predictions; a query appears once for each name it scores high with.</param>
/// <param name="Boxes">[N, 4]: corners (x1, y1, x2, y2) in pixels of the output, not clipped to the image.</param>
/// <param name="Masks">[N, H, W] bool; null where only boxes were asked for.</param>
internal sealed record InstanceResult(Tensor Scores, Tensor Names, Tensor Queries, Tensor Boxes, Tensor? Masks) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Scores.Dispose();
        Names.Dispose();
        Queries.Dispose();
        Boxes.Dispose();
        Masks?.Dispose();
    }
}

/// <summary>The best pairs of query and name.</summary>
internal static class InstanceInference
{
    private const double AreaEpsilon = 1e-6;

    /// <summary>Selects by name probability over all queries and names, then scores by name and mask.</summary>
    /// <param name="logits">[Q, names].</param>
    /// <param name="boxes">[Q, 4] corners in pixels of the output, see <see cref="ToPixels"/>.</param>
    /// <param name="masksOf">Mask logits [rows, H, W] of the given rows (int64 [rows]); null for boxes only.</param>
    /// <param name="allowed">For each name whether it may be an instance; null for all. Applied after the selection, as in the reference.</param>
    /// <param name="options">How many, and how they are scored.</param>
    public static InstanceResult Select(Tensor logits, Tensor boxes, Func<Tensor, Tensor>? masksOf, IReadOnlyList<bool>? allowed, TextInferenceOptions options)
    {
        using var scope = NewDisposeScope();
        long queries = Math.Min(options.InstanceQueries ?? logits.shape[0], logits.shape[0]), count = logits.shape[1];
        var pairs = logits.narrow(0, 0, queries).sigmoid().flatten();
        var (scores, flat) = pairs.topk((int)Math.Min(options.TopInstances, pairs.shape[0]), 0);
        var (rows, names) = (flat.div(count, RoundingMode.floor), flat.remainder(count));
        if (allowed is not null)
        {
            var kept = tensor(allowed.ToArray(), device: logits.device).index_select(0, names).nonzero().flatten();
            (scores, rows, names) = (scores.index_select(0, kept), rows.index_select(0, kept), names.index_select(0, kept));
        }

        Tensor? masks = null;
        if (masksOf is not null)
        {
            // A query that appears with several names is resampled once.
            var (distinct, places) = Distinct(rows);
            var logitsOf = masksOf(distinct); // [D, H, W]
            var positive = logitsOf > 0;
            if (!options.ScoreByNameOnly)
            {
                var inside = (logitsOf.sigmoid() * positive).flatten(1).sum(1) / (positive.flatten(1).sum(1) + AreaEpsilon);
                scores = scores * inside.index_select(0, places);
            }
            masks = positive.index_select(0, places);
        }
        var order = scores.argsort(0, descending: true);
        return new InstanceResult(
            scores.index_select(0, order).MoveToOuterDisposeScope(), names.index_select(0, order).MoveToOuterDisposeScope(),
            rows.index_select(0, order).MoveToOuterDisposeScope(),
            boxes.index_select(0, rows.index_select(0, order)).MoveToOuterDisposeScope(),
            masks?.index_select(0, order).MoveToOuterDisposeScope());
    }

    /// <summary>Boxes relative to the padded image to corners in pixels of the output.</summary>
    /// <param name="boxes">[Q, 4] (cx, cy, w, h), 0..1.</param>
    /// <param name="geometry">The image's sizes.</param>
    /// <returns>[Q, 4] (x1, y1, x2, y2), not clipped.</returns>
    public static Tensor ToPixels(Tensor boxes, ImageGeometry geometry)
    {
        using var scope = NewDisposeScope();
        float width = (float)geometry.Padded.Width / geometry.Unpadded.Width * geometry.Output.Width;
        float height = (float)geometry.Padded.Height / geometry.Unpadded.Height * geometry.Output.Height;
        var center = boxes.narrow(1, 0, 2);
        var half = boxes.narrow(1, 2, 2) / 2;
        return (cat([center - half, center + half], 1) * tensor(new[] { width, height, width, height }, device: boxes.device)).MoveToOuterDisposeScope();
    }

    private static (Tensor Distinct, Tensor Places) Distinct(Tensor rows)
    {
        long[] values = rows.cpu().data<long>().ToArray();
        var distinct = values.Distinct().ToArray();
        var index = distinct.Select((value, place) => (value, place)).ToDictionary(p => p.value, p => (long)p.place);
        return (tensor(distinct, device: rows.device), tensor(Array.ConvertAll(values, v => index[v]), device: rows.device));
    }
}
