using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Layers;

/// <summary>
/// The sampling core of multi-scale deformable attention (Deformable DETR, arXiv 2010.04159), built from grid_sample, so that
/// it runs on every device and its backward is autograd's.
/// </summary>
internal static class DeformableSampling
{
    /// <summary>
    /// Floats of one block of samples. Samples are consumed as soon as they are drawn, so in inference the queries go through in
    /// blocks that stay in a core's cache; all at once the samples of one layer would take hundreds of megabytes.
    /// </summary>
    private const long BlockFloats = 1 << 18;

    /// <summary>Bilinear samples of every level, zero outside, weighted and summed over levels and points.</summary>
    /// <param name="value">[B, S, heads, hd], the cells of all levels one after another, row-major inside a level.</param>
    /// <param name="shapes">The sizes of the levels; their cells add up to S.</param>
    /// <param name="locations">[B, Q, heads, levels, points, 2] as (x, y); 0 and 1 are the outer borders of a level.</param>
    /// <param name="weights">[B, Q, heads, levels, points].</param>
    /// <returns>[B, Q, heads * hd].</returns>
    public static Tensor Sample(Tensor value, IReadOnlyList<LevelShape> shapes, Tensor locations, Tensor weights)
    {
        using var scope = NewDisposeScope();
        long batch = value.shape[0], heads = value.shape[2], width = value.shape[3];
        long queries = locations.shape[1], points = locations.shape[4];

        // grid_sample counts from -1 to 1 between the outer borders. It is many times faster on a contiguous grid.
        var grid = (locations * 2 - 1).permute(0, 2, 3, 1, 4, 5).contiguous().view(batch * heads, shapes.Count, queries, points, 2);
        var scale = weights.permute(0, 2, 3, 1, 4).contiguous().view(batch * heads, shapes.Count, 1, queries, points);
        var maps = SplitLevels(value, shapes);

        var sampled = is_grad_enabled() || value.device_type != DeviceType.CPU
            ? SampleQueries(maps, grid, scale)
            : SampleInBlocks(maps, grid, scale, Math.Max(16, BlockFloats / (batch * heads * width * points)));
        // [B * heads, hd, Q] -> [B, Q, heads * hd]
        return sampled.view(batch, heads * width, queries).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>[B, S, heads, hd] -> per level [B * heads, hd, H, W].</summary>
    private static Tensor[] SplitLevels(Tensor value, IReadOnlyList<LevelShape> shapes)
    {
        long batch = value.shape[0], heads = value.shape[2], width = value.shape[3];
        var maps = new Tensor[shapes.Count];
        long start = 0;
        for (int l = 0; l < shapes.Count; l++)
        {
            var (h, w) = shapes[l];
            maps[l] = value.narrow(1, start, h * w).permute(0, 2, 3, 1).reshape(batch * heads, width, h, w);
            start += h * w;
        }
        return maps;
    }

    /// <param name="maps">Per level [B * heads, hd, H, W].</param>
    /// <param name="grid">[B * heads, levels, Q, points, 2].</param>
    /// <param name="scale">[B * heads, levels, 1, Q, points].</param>
    /// <returns>[B * heads, hd, Q].</returns>
    private static Tensor SampleQueries(Tensor[] maps, Tensor grid, Tensor scale)
    {
        Tensor? sum = null;
        for (int l = 0; l < maps.Length; l++)
        {
            var level = F.grid_sample(maps[l], grid.select(1, l), GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, false);
            var part = (level * scale.select(1, l)).sum(-1); // [B * heads, hd, Q, points] -> [B * heads, hd, Q]
            sum = sum is null ? part : sum + part;
        }
        return sum!;
    }

    private static Tensor SampleInBlocks(Tensor[] maps, Tensor grid, Tensor scale, long block)
    {
        long queries = grid.shape[2];
        var blocks = new List<Tensor>();
        for (long from = 0; from < queries; from += block)
        {
            using var scope = NewDisposeScope();
            long count = Math.Min(block, queries - from);
            Tensor? sum = null; // [B * heads, hd, count, points]
            for (int l = 0; l < maps.Length; l++)
            {
                var part = F.grid_sample(maps[l], grid.select(1, l).narrow(1, from, count),
                    GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, false);
                part.mul_(scale.select(1, l).narrow(2, from, count));
                sum = sum is null ? part : sum.add_(part);
            }
            blocks.Add(sum!.sum(-1).MoveToOuterDisposeScope());
        }
        return blocks.Count == 1 ? blocks[0] : cat(blocks, -1);
    }
}
