using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam;

/// <summary>
/// Attention between a handful of tokens and thousands of pixels, in inference, with the projections moved to the tokens' side:
/// q · (W x) = (Wᵀ q) · x. Projecting N pixels costs N · C · I multiplications, this N · C · heads · T, which is less as long as the tokens
/// are fewer than the features of a head; and no projected picture is written. The same numbers in another order of summation.
/// </summary>
internal sealed partial class SamAttention
{
    /// <summary>So many tokens are few: beyond, even the writing that is spared does not repay the work.</summary>
    internal long FewTokens => 2 * HeadWidth;

    /// <summary>Tokens look at pixels.</summary>
    /// <param name="q">[B, T, C].</param>
    /// <param name="pixels">Of the same B prompts; keys are with their position codes.</param>
    /// <returns>[B, T, C].</returns>
    internal Tensor ToPixels(Tensor q, PixelBatch pixels)
    {
        using var scope = NewDisposeScope();
        // A key's bias adds the same to all scores of a query, and softmax does not see it.
        var rows = ByPrompt((ByHead(q_proj.call(q)) * Scale).matmul(k_proj.weight!.view(_heads, -1, _width)), q.shape[0]); // [B, heads * T, C]
        var means = pixels.Means(rows).view(q.shape[0], _heads, -1, _width).transpose(0, 1).reshape(_heads, -1, _width); // [heads, B * T, C]
        var values = means.matmul(v_proj.weight!.view(_heads, -1, _width).transpose(1, 2)); // [heads, B * T, hd]
        // A mean's weights add up to 1, so that the values' bias comes through whole.
        return out_proj.call(Merge(values, q) + v_proj.bias!).MoveToOuterDisposeScope();
    }

    /// <summary>The same where all prompts still have the picture as it is.</summary>
    internal Tensor ToPicture(Tensor q, ProjectedPicture picture)
    {
        using var scope = NewDisposeScope();
        var values = F.scaled_dot_product_attention(ByHead(q_proj.call(q)), picture.Keys, picture.Values); // [heads, B * T, hd]
        return out_proj.call(Merge(values, q)).MoveToOuterDisposeScope();
    }

    /// <summary>Pixels look at tokens; what they see is added to them, and normed.</summary>
    /// <param name="pixels">Of B prompts.</param>
    /// <param name="k">[B, T, C].</param>
    /// <param name="v">[B, T, C].</param>
    /// <param name="norm">[b, n, C] -> the same shape.</param>
    internal void AddTo(PixelBatch pixels, Tensor k, Tensor v, Func<Tensor, Tensor> norm)
    {
        using var scope = NewDisposeScope();
        var keys = ByHead(k_proj.call(k)) * Scale; // [heads, B * T, hd]
        var rows = ByPrompt(keys.matmul(q_proj.weight!.view(_heads, -1, _width)), k.shape[0]); // [B, heads * T, C]
        var offsets = ByPrompt(keys.matmul(q_proj.bias!.view(_heads, -1, 1)), k.shape[0]); // [B, heads * T, 1]
        var values = OutputsOf(v);
        pixels.Change(piece =>
        {
            var scores = piece.PromptsOf(offsets) + piece.PromptsOf(rows).matmul(pixels.Positioned(piece).transpose(1, 2)); // [b, heads * T, n]
            return norm(Sum(piece.Of(pixels.Pixels), scores, piece.PromptsOf(values)));
        });
        pixels.Pixels.MoveToOuterDisposeScope();
    }

    /// <summary>The same where all prompts still have the picture as it is.</summary>
    internal void AddToPicture(PixelBatch pixels, ProjectedPicture picture, Tensor k, Tensor v, Func<Tensor, Tensor> norm)
    {
        using var scope = NewDisposeScope();
        var keys = (k_proj.call(k) * Scale).view(k.shape[0], k.shape[1], _heads, -1).transpose(1, 2); // [B, heads, T, hd]
        var values = OutputsOf(v);
        pixels.Change(piece =>
        {
            var queries = picture.Queries.narrow(1, piece.Pixel, piece.Pixels); // [heads, n, hd]
            var scores = piece.PromptsOf(keys).matmul(queries.transpose(1, 2)); // [b, heads, T, n]
            return norm(Sum(piece.Of(pixels.Pixels), scores, piece.PromptsOf(values)));
        });
        pixels.Pixels.MoveToOuterDisposeScope();
    }

    /// <summary>Keys or values of a picture [1, N, C], [heads, N, hd].</summary>
    internal (Tensor Keys, Tensor Values) ProjectKeys(Tensor positioned, Tensor pixels) => (ByHead(k_proj.call(positioned)), ByHead(v_proj.call(pixels)));

    /// <summary>Queries of a picture [1, N, C], [heads, N, hd].</summary>
    internal Tensor ProjectQueries(Tensor positioned) => ByHead(q_proj.call(positioned));

    /// <summary>What each token gives to a pixel that looks at nothing else, [B, heads * T, C]; all heads together give the output's bias once.</summary>
    private Tensor OutputsOf(Tensor v)
    {
        var values = ByHead(v_proj.call(v)).matmul(out_proj.weight!.view(_width, _heads, -1).permute(1, 2, 0)); // [heads, B * T, C]
        values.select(0, 0).add_(out_proj.bias!); // the weights of this head add up to 1 as those of any other
        return ByPrompt(values, v.shape[0]);
    }

    /// <summary>Softmax over the tokens runs along the pixels: over rows of seven numbers it would take thirty times as long.</summary>
    private Tensor Sum(Tensor pixels, Tensor scores, Tensor values)
    {
        var weights = scores.view(scores.shape[0], _heads, -1, pixels.shape[1]).softmax(2).flatten(1, 2); // [b, heads * T, n]
        return pixels + weights.transpose(1, 2).matmul(values); // [b, n, C]
    }

    private long HeadWidth => q_proj.weight!.shape[0] / _heads;

    private double Scale => 1 / Math.Sqrt(HeadWidth);

    /// <summary>[B, T, heads * hd] -> [heads, B * T, hd].</summary>
    private Tensor ByHead(Tensor x) => x.view(x.shape[0] * x.shape[1], _heads, -1).transpose(0, 1);

    /// <summary>[heads, B * T, C] -> [B, heads * T, C].</summary>
    private static Tensor ByPrompt(Tensor x, long prompts) => x.view(x.shape[0], prompts, -1, x.shape[2]).transpose(0, 1).flatten(1, 2);

    /// <summary>[heads, B * T, hd] -> [B, T, heads * hd].</summary>
    private static Tensor Merge(Tensor x, Tensor tokens) => x.transpose(0, 1).reshape(tokens.shape[0], tokens.shape[1], -1);
}
