using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// What a query's box says of its mask before any pixel is looked at: an ellipse that fills the box, and a fence a little outside it.
/// </summary>
/// <remarks>
/// A mask that is the product of a query and the pixels' features has to learn from scratch which of two equal things it means. Relative
/// coordinates tell them apart (CondInst, arXiv 2003.05664, feeds them to its filters); here they enter as two fixed functions whose
/// strengths each query chooses, so that a small model starts from a guess and learns to correct it.
/// </remarks>
internal static class ShapePrior
{
    /// <summary>Numbers a query gives: the strength of the ellipse and of the fence.</summary>
    public const int Strengths = 2;

    private const double Steepness = 1.5; // of the ellipse's edge
    private const double FenceAt = 1.1; // half boxes from the center; it rises over one half box
    private const double LeastSize = 1e-3;

    /// <param name="boxes">[..., Q, 4]: (cx, cy, w, h) relative to the padded image.</param>
    /// <param name="strengths">[..., Q, 2].</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="width">Columns of the map.</param>
    /// <returns>[..., Q, height, width], to be added to mask logits.</returns>
    public static Tensor Plane(Tensor boxes, Tensor strengths, long height, long width)
    {
        var x = (arange(width, ScalarType.Float32, boxes.device) + 0.5) / width;
        var y = ((arange(height, ScalarType.Float32, boxes.device) + 0.5) / height).unsqueeze(1); // [height, 1]
        return Of(boxes.unsqueeze(-2).unsqueeze(-2), strengths.unsqueeze(-2).unsqueeze(-2), x, y);
    }

    /// <param name="boxes">[Q, 4].</param>
    /// <param name="strengths">[Q, 2].</param>
    /// <param name="points">[P, 2]: (x, y) relative to the padded image.</param>
    /// <returns>[Q, P].</returns>
    public static Tensor AtPoints(Tensor boxes, Tensor strengths, Tensor points) =>
        Of(boxes.unsqueeze(-2), strengths.unsqueeze(-2), points.select(-1, 0), points.select(-1, 1));

    private static Tensor Of(Tensor boxes, Tensor strengths, Tensor x, Tensor y)
    {
        using var scope = NewDisposeScope();
        var u = (x - boxes.select(-1, 0)) * (2 / boxes.select(-1, 2).clamp_min(LeastSize)); // half boxes from the center
        var v = (y - boxes.select(-1, 1)) * (2 / boxes.select(-1, 3).clamp_min(LeastSize));
        var ellipse = ((1 - u * u - v * v) * Steepness).tanh();
        var fence = (u.abs().maximum(v.abs()) - FenceAt).clamp_min(0).clamp_max(1);
        return (strengths.select(-1, 0) * ellipse - strengths.select(-1, 1) * fence).MoveToOuterDisposeScope();
    }
}
