using static TorchSharp.torch;

namespace SemanticSam.Training.Losses;

/// <summary>Masks compared at points instead of at all pixels (PointRend, arXiv 1912.08193).</summary>
internal static class PointSampling
{
    /// <summary>Bilinear samples at relative points; what lies outside the map is 0.</summary>
    /// <param name="maps">[N, C, H, W].</param>
    /// <param name="points">[N, P, 2] (x, y): 0 and 1 are the outer borders of the map.</param>
    /// <returns>[N, C, P].</returns>
    public static Tensor Sample(Tensor maps, Tensor points)
    {
        using var scope = NewDisposeScope();
        var grid = (points * 2 - 1).unsqueeze(2); // [N, P, 1, 2]
        return nn.functional.grid_sample(maps, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, align_corners: false)
            .squeeze(3).MoveToOuterDisposeScope();
    }
}
