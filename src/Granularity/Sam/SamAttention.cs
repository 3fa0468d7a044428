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
        if (q.device_type == TorchSharp.DeviceType.CPU && q.shape[0] == k.shape[0])
        {
            // Between a handful of tokens and thousands of pixels the tokens alone are projected: the same numbers with a third of the work.
            if (IsFew(q, k)) return ToPixels(q, k, v).MoveToOuterDisposeScope();
            if (IsFew(k, q)) return ToTokens(q, k, v).MoveToOuterDisposeScope();
        }
        var attended = F.scaled_dot_product_attention(Split(q_proj.call(q)), Split(k_proj.call(k)), Split(v_proj.call(v))); // [B, heads, Q, hd]
        return out_proj.call(attended.transpose(1, 2).flatten(2)).MoveToOuterDisposeScope(); // [B, Q, heads * hd]
    }

    private bool IsFew(Tensor tokens, Tensor pixels) => tokens.shape[1] <= 2 * HeadWidth && pixels.shape[1] >= 16 * tokens.shape[1];

    private long HeadWidth => q_proj.weight.shape[0] / Heads;

    private double Scale => 1 / Math.Sqrt(HeadWidth);

    /// <summary>Tokens look at pixels: q . (W x) = (W' q) . x.</summary>
    private Tensor ToPixels(Tensor q, Tensor k, Tensor v)
    {
        var rows = (Split(q_proj.call(q)) * Scale).matmul(ByHead(k_proj.weight)); // [B, heads, T, C]
        // A key's bias adds the same to all scores of a token, which softmax does not see: it learns nothing.
        var weights = rows.flatten(1, 2).matmul(k.transpose(1, 2)).softmax(-1); // [B, heads * T, N]
        var means = weights.matmul(v).view(q.shape[0], Heads, q.shape[1], -1);
        var values = means.matmul(ByHead(v_proj.weight).transpose(1, 2)).transpose(1, 2).flatten(2); // [B, T, heads * hd]
        return out_proj.call(values + v_proj.bias! + 0 * k_proj.bias!); // a mean's weights add up to 1, so that the values' bias comes through whole
    }

    /// <summary>Pixels look at tokens.</summary>
    private Tensor ToTokens(Tensor q, Tensor k, Tensor v)
    {
        var keys = Split(k_proj.call(k)) * Scale; // [B, heads, T, hd]
        var rows = keys.matmul(ByHead(q_proj.weight)).flatten(1, 2); // [B, heads * T, C]
        var offsets = keys.matmul(q_proj.bias!.view(Heads, -1, 1)).flatten(1, 2); // [B, heads * T, 1]
        // Softmax over the tokens runs along the pixels: over rows of ten numbers it would take many times as long.
        var weights = (rows.matmul(q.transpose(1, 2)) + offsets).view(q.shape[0], Heads, k.shape[1], -1).softmax(2).flatten(1, 2); // [B, heads * T, N]
        // [B, heads * T, C]
        var values = Split(v_proj.call(v)).matmul(out_proj.weight.view(out_proj.weight.shape[0], Heads, -1).permute(1, 2, 0)).flatten(1, 2);
        return weights.transpose(1, 2).matmul(values) + out_proj.bias!;
    }

    /// <summary>[heads * hd, C] -> [heads, hd, C].</summary>
    private Tensor ByHead(Tensor weight) => weight.view(Heads, -1, weight.shape[1]);

    /// <summary>[B, N, heads * hd] -> [B, heads, N, hd].</summary>
    private Tensor Split(Tensor x) => x.view(x.shape[0], x.shape[1], Heads, -1).transpose(1, 2);
}
