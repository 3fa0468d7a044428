using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Class logits as cosine similarity to text embeddings.</summary>
internal static class Similarity
{
    // Kept as in the reference: it bounds the division for a zero vector.
    private const double NormEpsilon = 1e-7;

    /// <param name="projected">[..., T]: query states in the space of the text, of any norm.</param>
    /// <param name="names">[names, T], or [B, names, T] for states [B, Q, T]; each of norm 1.</param>
    /// <param name="logitScale">Rank 0; its exponential multiplies the cosine.</param>
    /// <returns>[..., names] logits, meant for a sigmoid.</returns>
    public static Tensor Logits(Tensor projected, Tensor names, Tensor logitScale)
    {
        using var scope = NewDisposeScope();
        var unit = projected / (projected.norm(-1, keepdim: true) + NormEpsilon);
        return (unit.matmul(names.transpose(-2, -1)) * logitScale.exp()).MoveToOuterDisposeScope();
    }
}
