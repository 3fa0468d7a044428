using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>A box for every token of the memory: the starting point of the queries selected there.</summary>
internal static class QueryProposals
{
    // Quirk of the reference: levels are numbered from the coarsest, so coarse cells get the smallest boxes.
    private const double BaseSize = 0.05;
    private const double LowestValid = 0.01;
    private const double HighestValid = 0.99;

    /// <param name="shapes">Height and width of each level, the coarsest first.</param>
    /// <param name="device">Where to make the tensors.</param>
    /// <returns>
    /// Unsigmoid [1, S, 4]: (cx, cy, w, h) before the sigmoid, +infinity for invalid tokens; Valid [1, S, 1] bool: all four numbers
    /// strictly between 0.01 and 0.99.
    /// </returns>
    public static (Tensor Unsigmoid, Tensor Valid) Of(IReadOnlyList<LevelShape> shapes, Device device)
    {
        using var scope = NewDisposeScope();
        var boxes = new List<Tensor>(shapes.Count);
        for (int level = 0; level < shapes.Count; level++)
        {
            var (height, width) = (shapes[level].Height, shapes[level].Width);
            var y = (arange(height, ScalarType.Float32, device) + 0.5) / height;
            var x = (arange(width, ScalarType.Float32, device) + 0.5) / width;
            var cy = y.unsqueeze(1).expand(height, width);
            var cx = x.unsqueeze(0).expand(height, width);
            var size = full_like(cx, BaseSize * Math.Pow(2, level));
            boxes.Add(stack([cx, cy, size, size], -1).reshape(1, height * width, 4));
        }
        var proposals = cat(boxes, 1); // [1, S, 4]
        var valid = (proposals > LowestValid).logical_and(proposals < HighestValid).all(-1, keepdim: true);
        var unsigmoid = (proposals / (1 - proposals)).log().masked_fill(valid.logical_not(), float.PositiveInfinity);
        return (unsigmoid.MoveToOuterDisposeScope(), valid.MoveToOuterDisposeScope());
    }
}
