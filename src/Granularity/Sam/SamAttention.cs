using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>
/// Multi-head attention with separate projections, perhaps to fewer features inside. State-dict names: q_proj, k_proj, v_proj, out_proj.
/// </summary>
internal sealed class SamAttention : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly Linear q_proj, k_proj, v_proj, out_proj;

    /// <summary>With random weights.</summary>
    /// <param name="width">Features in and out.</param>
    /// <param name="heads">Must divide the features inside.</param>
    /// <param name="downsample">Features inside are width over this.</param>
    /// <exception cref="ArgumentException">The heads do not divide the features inside.</exception>
    public SamAttention(long width, long heads, long downsample = 1) : base(nameof(SamAttention))
    {
        long inside = width / downsample;
        if (inside % heads != 0) throw new ArgumentException($"{heads} heads do not divide {inside} features.", nameof(heads));
        Heads = heads;
        q_proj = nn.Linear(width, inside);
        k_proj = nn.Linear(width, inside);
        v_proj = nn.Linear(width, inside);
        out_proj = nn.Linear(inside, width);
        RegisterComponents();
    }

    internal long Heads { get; }

    internal Linear Query => q_proj;

    internal Linear Key => k_proj;

    internal Linear Value => v_proj;

    internal Linear Out => out_proj;

    /// <summary>Attention; batches of 1 stand for every element of the others' batch.</summary>
    /// <param name="q">[B or 1, Q, C].</param>
    /// <param name="k">[B or 1, K, C].</param>
    /// <param name="v">[B or 1, K, C].</param>
    /// <returns>[B, Q, C].</returns>
    public override Tensor forward(Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        var attended = F.scaled_dot_product_attention(Split(q_proj.call(q)), Split(k_proj.call(k)), Split(v_proj.call(v))); // [B, heads, Q, hd]
        return out_proj.call(attended.transpose(1, 2).flatten(2)).MoveToOuterDisposeScope(); // [B, Q, heads * hd]
    }

    /// <summary>[B, N, heads * hd] -> [B, heads, N, hd].</summary>
    private Tensor Split(Tensor x) => x.view(x.shape[0], x.shape[1], Heads, -1).transpose(1, 2);
}
