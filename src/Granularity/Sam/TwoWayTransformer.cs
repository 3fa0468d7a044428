using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>Attention between an image and the tokens of prompts, both ways in every layer (arXiv 2304.02643, appendix A).</summary>
internal sealed class TwoWayTransformer : nn.Module<Tensor, Tensor, Tensor, (Tensor Queries, Tensor Keys)>
{
    private readonly ModuleList<TwoWayAttentionBlock> layers;
    private readonly SamAttention final_attn_token_to_image;
    private readonly LayerNorm norm_final_attn;

    /// <summary>With random weights.</summary>
    /// <param name="depth">Layers, at least one.</param>
    /// <param name="width">Features of tokens and pixels.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="hidden">Features inside the MLPs.</param>
    public TwoWayTransformer(int depth, long width, long heads, long hidden) : base(nameof(TwoWayTransformer))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        layers = new ModuleList<TwoWayAttentionBlock>();
        for (int k = 0; k < depth; k++) layers.Add(new TwoWayAttentionBlock(width, heads, hidden, first: k == 0));
        final_attn_token_to_image = new SamAttention(width, heads, TwoWayAttentionBlock.Downsample);
        norm_final_attn = nn.LayerNorm(width);
        RegisterComponents();
    }

    internal IReadOnlyList<TwoWayAttentionBlock> Layers => [.. layers];

    internal SamAttention FinalAttention => final_attn_token_to_image;

    internal LayerNorm FinalNorm => norm_final_attn;

    /// <param name="image">[B or 1, N, C]: the image's pixels.</param>
    /// <param name="imagePosition">[1, N, C]: their position codes.</param>
    /// <param name="tokens">[B, T, C].</param>
    /// <returns>The tokens, [B, T, C], and the pixels as these tokens see them, [B, N, C].</returns>
    public override (Tensor Queries, Tensor Keys) forward(Tensor image, Tensor imagePosition, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = (tokens, image);
        for (int k = 0; k < layers.Count; k++) (queries, keys) = layers[k].call(queries, keys, tokens, imagePosition);
        var attended = final_attn_token_to_image.call(queries + tokens, keys + imagePosition, keys);
        queries = norm_final_attn.call(queries + attended);
        return (queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
    }
}

/// <summary>
/// One layer: the tokens among themselves, the tokens to the pixels, an MLP, the pixels to the tokens; a norm after each. The first
/// layer's tokens are nothing but their position codes, so its self-attention takes them once and has no residual.
/// </summary>
internal sealed class TwoWayAttentionBlock : nn.Module<Tensor, Tensor, Tensor, Tensor, (Tensor Queries, Tensor Keys)>
{
    internal const long Downsample = 2;

    private readonly SamAttention self_attn, cross_attn_token_to_image, cross_attn_image_to_token;
    private readonly LayerNorm norm1, norm2, norm3, norm4;
    private readonly MlpBlock mlp;
    private readonly bool _first;

    internal TwoWayAttentionBlock(long width, long heads, long hidden, bool first) : base(nameof(TwoWayAttentionBlock))
    {
        _first = first;
        self_attn = new SamAttention(width, heads);
        norm1 = nn.LayerNorm(width);
        cross_attn_token_to_image = new SamAttention(width, heads, Downsample);
        norm2 = nn.LayerNorm(width);
        mlp = new MlpBlock(width, hidden, MlpActivation.Relu);
        norm3 = nn.LayerNorm(width);
        norm4 = nn.LayerNorm(width);
        cross_attn_image_to_token = new SamAttention(width, heads, Downsample);
        RegisterComponents();
    }

    internal SamAttention TokenToImage => cross_attn_token_to_image;

    internal SamAttention ImageToToken => cross_attn_image_to_token;

    internal LayerNorm Norm1 => norm1;

    internal LayerNorm Norm2 => norm2;

    internal LayerNorm Norm3 => norm3;

    internal LayerNorm Norm4 => norm4;

    internal MlpBlock Mlp => mlp;

    /// <param name="queries">[B, T, C]: tokens.</param>
    /// <param name="keys">[B or 1, N, C]: pixels.</param>
    /// <param name="queryPosition">[B, T, C].</param>
    /// <param name="keyPosition">[1, N, C].</param>
    /// <returns>Tokens [B, T, C] and pixels [B, N, C].</returns>
    public override (Tensor Queries, Tensor Keys) forward(Tensor queries, Tensor keys, Tensor queryPosition, Tensor keyPosition)
    {
        using var scope = NewDisposeScope();
        queries = norm1.call(AmongTokens(queries, queryPosition));
        var positioned = keys + keyPosition;
        queries = norm2.call(queries + cross_attn_token_to_image.call(queries + queryPosition, positioned, keys));
        queries = norm3.call(queries + mlp.call(queries));
        keys = norm4.call(keys + cross_attn_image_to_token.call(positioned, queries + queryPosition, queries));
        return (queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
    }

    /// <summary>What the tokens become by looking at each other; [B, T, C].</summary>
    internal Tensor AmongTokens(Tensor queries, Tensor queryPosition)
    {
        if (_first) return self_attn.call(queries, queries, queries);
        var among = queries + queryPosition;
        return queries + self_attn.call(among, among, queries);
    }
}
