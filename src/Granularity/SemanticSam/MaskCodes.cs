using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>What queries say of their masks, before any is drawn. Drawing costs far more than the codes: choose rows first.</summary>
/// <param name="Embeddings">[..., Q, M]: their product with the mask features is the mask.</param>
/// <param name="Boxes">[..., Q, 4]: (cx, cy, w, h) relative to the padded image.</param>
/// <param name="Strengths">[..., Q, 2]: how much the box itself shapes the mask; null in models that do not.</param>
internal sealed record MaskCodes(Tensor Embeddings, Tensor Boxes, Tensor? Strengths)
{
    /// <summary>The same choice of rows or change of shape for all tensors; the last dimension must stay.</summary>
    public MaskCodes Each(Func<Tensor, Tensor> change) => new(change(Embeddings), change(Boxes), Strengths is null ? null : change(Strengths));

    /// <summary>The codes of image <paramref name="index"/> of a batch: [Q, ...].</summary>
    public MaskCodes OfImage(long index) => Each(t => t.select(0, index));

    /// <summary>The rows at the given indices (int64, rank 1) of codes without a batch.</summary>
    public MaskCodes Rows(Tensor indices) => Each(t => t.index_select(0, indices));

    /// <summary>Mask logits.</summary>
    /// <param name="maskFeatures">[B, M, h, w].</param>
    /// <returns>[B, Q, h, w], in the caller's dispose scope; without a batch in the codes B is 1 and left out.</returns>
    public Tensor Planes(Tensor maskFeatures)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (maskFeatures.shape[2], maskFeatures.shape[3]);
        bool batched = Embeddings.dim() == 3;
        var pixels = (batched ? maskFeatures : maskFeatures.squeeze(0)).flatten(-2); // [..., M, h*w]
        var logits = Embeddings.matmul(pixels).reshape([.. Embeddings.shape[..^1], height, width]); // [..., Q, h, w]
        return (Strengths is null ? logits : logits + ShapePrior.Plane(Boxes, Strengths, height, width)).MoveToOuterDisposeScope();
    }

    /// <summary>Mask logits at points, for codes without a batch.</summary>
    /// <param name="features">[M, P]: the mask features at the points.</param>
    /// <param name="points">[P, 2]: (x, y) relative to the padded image.</param>
    /// <returns>[Q, P], in the caller's dispose scope.</returns>
    public Tensor At(Tensor features, Tensor points)
    {
        using var scope = NewDisposeScope();
        var logits = Embeddings.matmul(features);
        return (Strengths is null ? logits : logits + ShapePrior.AtPoints(Boxes, Strengths, points)).MoveToOuterDisposeScope();
    }

    /// <summary>Codes one after another; all with strengths or none.</summary>
    public static MaskCodes Concat(params IReadOnlyList<MaskCodes> codes) => new(cat([.. codes.Select(c => c.Embeddings)], 0),
        cat([.. codes.Select(c => c.Boxes)], 0), codes[0].Strengths is null ? null : cat([.. codes.Select(c => c.Strengths!)], 0));

    internal MaskCodes MoveToOuterDisposeScope()
    {
        Embeddings.MoveToOuterDisposeScope();
        Boxes.MoveToOuterDisposeScope();
        Strengths?.MoveToOuterDisposeScope();
        return this;
    }
}
