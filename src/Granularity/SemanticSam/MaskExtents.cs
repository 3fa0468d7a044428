using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Boxes around masks, on the device.</summary>
internal static class MaskExtents
{
    private const double EmptyMinimum = 1e8; // the reference's marker for "no pixel"

    /// <param name="logits">[B, Q, h, w]; a pixel counts when it is positive.</param>
    /// <param name="border">Whether the right and bottom border lie behind the last pixel or on it.</param>
    /// <returns>
    /// [B, Q, 4]: (cx, cy, w, h) divided by (w, h, w, h). An empty mask gives zeros with an exclusive border and corners of 1e8, 1e8, 0, 0
    /// with an inclusive one, which inverse_sigmoid clamps.
    /// </returns>
    public static Tensor Boxes(Tensor logits, AnchorSource border)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (logits.shape[2], logits.shape[3]);
        var mask = logits > 0; // [B, Q, h, w]
        var columns = mask.any(2); // [B, Q, w]
        var rows = mask.any(3); // [B, Q, h]
        var x = arange(width, ScalarType.Float32, logits.device);
        var y = arange(height, ScalarType.Float32, logits.device);
        var xMin = where(columns, x, full_like(x, EmptyMinimum)).amin(-1);
        var yMin = where(rows, y, full_like(y, EmptyMinimum)).amin(-1);
        var xMax = where(columns, x, zeros_like(x)).amax(-1);
        var yMax = where(rows, y, zeros_like(y)).amax(-1);
        var corners = stack([xMin, yMin, xMax, yMax], -1); // [B, Q, 4]
        if (border == AnchorSource.MaskExtentExclusive)
        {
            corners = corners + tensor(new float[] { 0, 0, 1, 1 }, device: logits.device);
            corners = corners * rows.any(-1, keepdim: true).to(corners.dtype);
        }
        var low = corners.narrow(-1, 0, 2);
        var high = corners.narrow(-1, 2, 2);
        var size = tensor(new float[] { width, height, width, height }, device: logits.device);
        return (cat([(low + high) / 2, high - low], -1) / size).MoveToOuterDisposeScope();
    }
}
