using static TorchSharp.torch;

namespace SemanticSam.Granularity.SamParser;

/// <summary>
/// A convolution's weights as U diag(s) V^T (SAM-PARSER, arXiv 2308.14604): the singular vectors are kept, the singular values become coefficients
/// that are learned.
/// </summary>
/// <param name="U">[out, rank].</param>
/// <param name="Values">[rank]: singular values, the largest first.</param>
/// <param name="V">[rank, in * kh * kw].</param>
/// <param name="Shape">Of the weights, [out, in, kh, kw].</param>
internal sealed record SingularBases(Tensor U, Tensor Values, Tensor V, IReadOnlyList<long> Shape) : IDisposable
{
    /// <summary>Takes weights apart, in double precision.</summary>
    /// <param name="weight">[out, in, kh, kw].</param>
    /// <param name="share">How much of the rank is kept; see <see cref="RankOf"/>.</param>
    /// <returns>Out of any dispose scope.</returns>
    public static SingularBases Of(Tensor weight, double share = 1)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var matrix = weight.detach().to(ScalarType.Float64).cpu().reshape(weight.shape[0], -1);
        var (u, s, v) = linalg.svd(matrix, fullMatrices: false);
        long rank = share < 1 ? RankOf(s.shape[0], share) : s.shape[0];
        Tensor Kept(Tensor t) => t.to(ScalarType.Float32).contiguous().to(weight.device).DetachFromDisposeScope();
        return new(Kept(u.narrow(1, 0, rank)), Kept(s.narrow(0, 0, rank)), Kept(v.narrow(0, 0, rank)), weight.shape);
    }

    /// <summary>The rank of a share of the full one: a multiple of 4, at least 1.</summary>
    public static long RankOf(long full, double share) => Math.Max(1, (long)Math.Floor(full * share) / 4 * 4);

    /// <summary>Weights of coefficients, [out, in, kh, kw]; differentiable.</summary>
    /// <param name="coefficients">[rank].</param>
    public Tensor Weight(Tensor coefficients)
    {
        using var scope = NewDisposeScope();
        return (U * coefficients).matmul(V).view([.. Shape]).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        U.Dispose();
        Values.Dispose();
        V.Dispose();
    }
}
