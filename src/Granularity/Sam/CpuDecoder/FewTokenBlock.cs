using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam.CpuDecoder;

/// <summary>A layer of the two-way transformer on the pixels of a batch, which it changes.</summary>
internal sealed class FewTokenBlock(TwoWayAttentionBlock block)
{
    private readonly FewTokenAttention _toPixels = new(block.TokenToImage), _toTokens = new(block.ImageToToken);

    /// <summary>The layer's tokens; the batch's pixels become the layer's.</summary>
    /// <param name="queries">[B, T, C].</param>
    /// <param name="queryPosition">[B, T, C].</param>
    /// <param name="pixels">Of B prompts.</param>
    /// <param name="image">Where all prompts still have the image as it is; else null.</param>
    /// <returns>[B, T, C], in the caller's dispose scope.</returns>
    public Tensor Run(Tensor queries, Tensor queryPosition, PixelBatch pixels, ProjectedImage? image)
    {
        queries = block.Norm1.call(block.AmongTokens(queries, queryPosition));
        var asking = queries + queryPosition;
        queries = block.Norm2.call(queries + (image is null ? _toPixels.ToPixels(asking, pixels) : _toPixels.ToImage(asking, image)));
        queries = block.Norm3.call(queries + block.Mlp.call(queries));
        var asked = queries + queryPosition;
        if (image is null) _toTokens.AddTo(pixels, asked, queries, block.Norm4);
        else _toTokens.AddToImage(pixels, image, asked, queries, block.Norm4);
        return queries;
    }

    /// <summary>What the layer makes of an image before a prompt is known; in the caller's dispose scope.</summary>
    /// <param name="source">[1, N, C], contiguous.</param>
    /// <param name="position">[1, N, C], contiguous.</param>
    public ProjectedImage Project(Tensor source, Tensor position)
    {
        using var scope = NewDisposeScope();
        var positioned = source + position;
        var (keys, values) = _toPixels.ProjectKeys(positioned, source);
        return new(source, position, keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope(),
            _toTokens.ProjectQueries(positioned).MoveToOuterDisposeScope());
    }
}
