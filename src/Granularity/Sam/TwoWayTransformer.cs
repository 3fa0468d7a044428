using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>Attention between a picture and the tokens of prompts, both ways in every layer (arXiv 2304.02643, appendix A).</summary>
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

    /// <param name="image">[B or 1, N, C]: the picture's pixels.</param>
    /// <param name="imagePosition">[1, N, C]: their position codes.</param>
    /// <param name="tokens">[B, T, C].</param>
    /// <returns>The tokens, [B, T, C], and the pixels as these tokens see them, [B, N, C].</returns>
    public override (Tensor Queries, Tensor Keys) forward(Tensor image, Tensor imagePosition, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = (tokens, image);
        if (!is_grad_enabled() && image.device_type == DeviceType.CPU && tokens.shape[1] <= final_attn_token_to_image.FewTokens)
        {
            (image, imagePosition) = (image.contiguous(), imagePosition.contiguous());
            bool shared = image.shape[0] == 1 && tokens.shape[0] > 1;
            (queries, keys) = Infer(image, imagePosition, tokens, shared ? Project(image, imagePosition) : null);
            return (queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
        }
        for (int k = 0; k < layers.Count; k++) (queries, keys) = layers[k].call(queries, keys, tokens, imagePosition);
        var attended = final_attn_token_to_image.call(queries + tokens, keys + imagePosition, keys);
        queries = norm_final_attn.call(queries + attended);
        return (queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
    }

    /// <summary>The same for prompts without masks on a picture known before.</summary>
    internal (Tensor Queries, Tensor Keys) Infer(ProjectedPicture picture, Tensor tokens) =>
        tokens.shape[1] <= final_attn_token_to_image.FewTokens ? Infer(picture.Source, picture.Position, tokens, picture) : call(picture.Source, picture.Position, tokens);

    /// <summary>The same for few tokens, on the CPU and without gradients: piece by piece, and what prompts share once.</summary>
    /// <param name="image">[B or 1, N, C].</param>
    /// <param name="imagePosition">[1, N, C].</param>
    /// <param name="tokens">[B, T, C].</param>
    /// <param name="picture">The image as the first layer sees it, where that is the same for all prompts.</param>
    private (Tensor Queries, Tensor Keys) Infer(Tensor image, Tensor imagePosition, Tensor tokens, ProjectedPicture? picture)
    {
        using var scope = NewDisposeScope();
        var pixels = new PixelBatch(image, imagePosition, tokens.shape[0]);
        var queries = tokens;
        for (int k = 0; k < layers.Count; k++) queries = layers[k].Infer(queries, tokens, pixels, k == 0 ? picture : null);
        queries = norm_final_attn.call(queries + final_attn_token_to_image.ToPixels(queries + tokens, pixels));
        return (queries.MoveToOuterDisposeScope(), pixels.Pixels.MoveToOuterDisposeScope());
    }

    /// <summary>What the first layer makes of a picture; in the caller's dispose scope.</summary>
    /// <param name="image">[1, N, C].</param>
    /// <param name="imagePosition">[1, N, C].</param>
    internal ProjectedPicture Project(Tensor image, Tensor imagePosition) => layers[0].Project(image, imagePosition);
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

    /// <param name="queries">[B, T, C]: tokens.</param>
    /// <param name="keys">[B or 1, N, C]: pixels.</param>
    /// <param name="queryPosition">[B, T, C].</param>
    /// <param name="keyPosition">[1, N, C].</param>
    /// <returns>Tokens [B, T, C] and pixels [B, N, C].</returns>
    public override (Tensor Queries, Tensor Keys) forward(Tensor queries, Tensor keys, Tensor queryPosition, Tensor keyPosition)
    {
        using var scope = NewDisposeScope();
        queries = norm1.call(Among(queries, queryPosition));
        var positioned = keys + keyPosition;
        queries = norm2.call(queries + cross_attn_token_to_image.call(queries + queryPosition, positioned, keys));
        queries = norm3.call(queries + mlp.call(queries));
        keys = norm4.call(keys + cross_attn_image_to_token.call(positioned, queries + queryPosition, queries));
        return (queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
    }

    /// <summary>The same on the pixels of a batch, which it changes; in the caller's dispose scope.</summary>
    internal Tensor Infer(Tensor queries, Tensor queryPosition, PixelBatch pixels, ProjectedPicture? picture)
    {
        queries = norm1.call(Among(queries, queryPosition));
        var asking = queries + queryPosition;
        queries = norm2.call(queries + (picture is null ? cross_attn_token_to_image.ToPixels(asking, pixels) : cross_attn_token_to_image.ToPicture(asking, picture)));
        queries = norm3.call(queries + mlp.call(queries));
        var asked = queries + queryPosition;
        if (picture is null) cross_attn_image_to_token.AddTo(pixels, asked, queries, norm4.call);
        else cross_attn_image_to_token.AddToPicture(pixels, picture, asked, queries, norm4.call);
        return queries;
    }

    internal ProjectedPicture Project(Tensor image, Tensor imagePosition)
    {
        using var scope = NewDisposeScope();
        var positioned = image + imagePosition;
        var (keys, values) = cross_attn_token_to_image.ProjectKeys(positioned, image);
        var queries = cross_attn_image_to_token.ProjectQueries(positioned);
        return new(image, imagePosition, keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope(), queries.MoveToOuterDisposeScope());
    }

    private Tensor Among(Tensor queries, Tensor queryPosition)
    {
        if (_first) return self_attn.call(queries, queries, queries);
        var among = queries + queryPosition;
        return queries + self_attn.call(among, among, queries);
    }
}
