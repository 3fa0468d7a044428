using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>
/// Multi-head attention with packed projections, named as PyTorch's MultiheadAttention; cells may be hidden from queries.
/// </summary>
internal sealed class MaskedAttention : nn.Module
{
    private readonly Parameter in_proj_weight, in_proj_bias;
    private readonly Linear out_proj;
    private readonly long _heads, _width;

    public MaskedAttention(long width, long heads) : base(nameof(MaskedAttention))
    {
        (_heads, _width) = (heads, width);
        in_proj_weight = ModuleTensors.Parameter(empty(3 * width, width));
        in_proj_bias = ModuleTensors.Parameter(zeros(3 * width));
        out_proj = nn.Linear(width, width);
        nn.init.xavier_uniform_(in_proj_weight);
        nn.init.zeros_(out_proj.bias!);
        RegisterComponents();
    }

    /// <param name="query">[B, Q, C].</param>
    /// <param name="key">[B, K, C].</param>
    /// <param name="value">[B, K, C].</param>
    /// <param name="hidden">[B, heads or 1, Q, K]: true for keys that a query does not see; null for none.</param>
    /// <returns>[B, Q, C].</returns>
    public Tensor forward(Tensor query, Tensor key, Tensor value, Tensor? hidden = null)
    {
        using var scope = NewDisposeScope();
        Tensor? mask = hidden is null ? null : zeros(hidden.shape, query.dtype, query.device).masked_fill(hidden, float.NegativeInfinity);
        var attended = F.scaled_dot_product_attention(Project(query, 0), Project(key, 1), Project(value, 2), mask);
        return out_proj.call(attended.transpose(1, 2).flatten(2)).MoveToOuterDisposeScope();
    }

    /// <summary>[B, N, C] -> [B, heads, N, C / heads].</summary>
    private Tensor Project(Tensor x, long part) =>
        F.linear(x, in_proj_weight.narrow(0, part * _width, _width), in_proj_bias.narrow(0, part * _width, _width))
            .view(x.shape[0], x.shape[1], _heads, _width / _heads).transpose(1, 2);
}

/// <summary>One layer of Mask2Former's decoder: attention to the pixels of a query's mask, among the queries, and an MLP; a norm after each.</summary>
internal sealed class MaskedDecoderLayer : nn.Module
{
    private readonly MaskedAttention self_attn, cross_attn;
    private readonly Linear linear1, linear2;
    private readonly LayerNorm norm1, norm2, norm3;

    public MaskedDecoderLayer(long width, long heads, long feedForward) : base(nameof(MaskedDecoderLayer))
    {
        cross_attn = new MaskedAttention(width, heads);
        norm1 = nn.LayerNorm(width);
        self_attn = new MaskedAttention(width, heads);
        norm2 = nn.LayerNorm(width);
        linear1 = nn.Linear(width, feedForward);
        linear2 = nn.Linear(feedForward, width);
        norm3 = nn.LayerNorm(width);
        RegisterComponents();
    }

    /// <param name="query">[B, Q, C].</param>
    /// <param name="queryPosition">[B or 1, Q, C].</param>
    /// <param name="memory">[B, K, C].</param>
    /// <param name="memoryPosition">[B or 1, K, C].</param>
    /// <param name="hidden">As for <see cref="MaskedAttention.forward"/>.</param>
    /// <returns>[B, Q, C].</returns>
    public Tensor forward(Tensor query, Tensor queryPosition, Tensor memory, Tensor memoryPosition, Tensor? hidden)
    {
        using var scope = NewDisposeScope();
        query = norm1.call(query + cross_attn.forward(query + queryPosition, memory + memoryPosition, memory, hidden));
        var positioned = query + queryPosition;
        query = norm2.call(query + self_attn.forward(positioned, positioned, query));
        return norm3.call(query + linear2.call(F.relu(linear1.call(query)))).MoveToOuterDisposeScope();
    }
}

/// <summary>The layers and the norm that all heads read through. State-dict names: layers.&lt;i&gt;, post_norm.</summary>
internal sealed class MaskedDecoder : nn.Module
{
    private readonly ModuleList<MaskedDecoderLayer> layers;
    private readonly LayerNorm post_norm;

    public MaskedDecoder(PrompterConfig config) : base(nameof(MaskedDecoder))
    {
        layers =
            new([.. Enumerable.Range(0, config.DecoderLayers)
            .Select(_ => new MaskedDecoderLayer(config.QueryWidth, config.QueryHeads, config.DecoderFeedForward))]);
        post_norm = nn.LayerNorm(config.QueryWidth);
        RegisterComponents();
    }

    public int Depth => layers.Count;

    public MaskedDecoderLayer Layer(int i) => layers[i];

    public Tensor Norm(Tensor query) => post_norm.call(query);
}
