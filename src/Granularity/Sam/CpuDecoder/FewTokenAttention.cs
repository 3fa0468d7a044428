using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.Sam.CpuDecoder;

/// <summary>
/// An attention's weights, put to use between a handful of tokens and thousands of pixels, with the projections moved to the tokens' side:
/// q · (W x) = (Wᵀ q) · x. Projecting N pixels costs N · C · I multiplications, this N · C · heads · T, which is less as long as the tokens
/// are fewer than the features of a head; and no projected image is written. The same numbers in another order of summation.
/// </summary>
internal sealed class FewTokenAttention(SamAttention attention)
{
    private readonly Linear _q = attention.Query, _k = attention.Key, _v = attention.Value, _out = attention.Out;
    private readonly long _heads = attention.Heads, _width = attention.Out.weight.shape[0], _headWidth = attention.Query.weight.shape[0] / attention.Heads;

    /// <summary>So many tokens are few: beyond, even the writing that is spared does not repay the work.</summary>
    public long FewTokens => 2 * _headWidth;

    private double Scale => 1 / Math.Sqrt(_headWidth);

    /// <summary>Tokens look at pixels.</summary>
    /// <param name="q">[B, T, C].</param>
    /// <param name="pixels">Of the same B prompts; keys are with their position codes.</param>
    /// <returns>[B, T, C].</returns>
    public Tensor ToPixels(Tensor q, PixelBatch pixels)
    {
        using var scope = NewDisposeScope();
        // A key's bias adds the same to all scores of a query, and softmax does not see it.
        var rows = ByPrompt((ByHead(_q.call(q)) * Scale).matmul(_k.weight.view(_heads, -1, _width)), q.shape[0]); // [B, heads * T, C]
        var means = pixels.Means(rows).view(q.shape[0], _heads, -1, _width).transpose(0, 1).reshape(_heads, -1, _width); // [heads, B * T, C]
        var values = means.matmul(_v.weight.view(_heads, -1, _width).transpose(1, 2)); // [heads, B * T, hd]
        // A mean's weights add up to 1, so that the values' bias comes through whole.
        return _out.call(Merge(values, q) + _v.bias!).MoveToOuterDisposeScope();
    }

    /// <summary>The same where all prompts still have the image as it is.</summary>
    public Tensor ToImage(Tensor q, ProjectedImage image)
    {
        using var scope = NewDisposeScope();
        // All prompts' tokens together; of four dimensions, because libtorch's own fused kernels take no others.
        // [1, heads, B * T, hd]
        var values = F.scaled_dot_product_attention(ByHead(_q.call(q)).unsqueeze(0), image.Keys.unsqueeze(0), image.Values.unsqueeze(0));
        return _out.call(Merge(values.squeeze(0), q)).MoveToOuterDisposeScope();
    }

    /// <summary>Pixels look at tokens; what they see is added to them, and normed.</summary>
    /// <param name="pixels">Of B prompts.</param>
    /// <param name="k">[B, T, C].</param>
    /// <param name="v">[B, T, C].</param>
    /// <param name="norm">After the sum.</param>
    public void AddTo(PixelBatch pixels, Tensor k, Tensor v, LayerNorm norm)
    {
        using var scope = NewDisposeScope();
        var keys = ByHead(_k.call(k)) * Scale; // [heads, B * T, hd]
        var rows = ByPrompt(keys.matmul(_q.weight.view(_heads, -1, _width)), k.shape[0]); // [B, heads * T, C]
        var offsets = ByPrompt(keys.matmul(_q.bias!.view(_heads, -1, 1)), k.shape[0]); // [B, heads * T, 1]
        var values = OutputsOf(v);
        pixels.Change(piece =>
        {
            var scores = piece.PromptsOf(offsets) + piece.PromptsOf(rows).matmul(pixels.Positioned(piece).transpose(1, 2)); // [b, heads * T, n]
            return norm.call(Sum(piece.Of(pixels.Pixels), scores, piece.PromptsOf(values)));
        });
        pixels.Pixels.MoveToOuterDisposeScope();
    }

    /// <summary>The same where all prompts still have the image as it is.</summary>
    public void AddToImage(PixelBatch pixels, ProjectedImage image, Tensor k, Tensor v, LayerNorm norm)
    {
        using var scope = NewDisposeScope();
        var keys = (_k.call(k) * Scale).view(k.shape[0], k.shape[1], _heads, -1).transpose(1, 2); // [B, heads, T, hd]
        var values = OutputsOf(v);
        pixels.Change(piece =>
        {
            var queries = image.Queries.narrow(1, piece.Pixel, piece.Pixels); // [heads, n, hd]
            var scores = piece.PromptsOf(keys).matmul(queries.transpose(1, 2)); // [b, heads, T, n]
            return norm.call(Sum(piece.Of(pixels.Pixels), scores, piece.PromptsOf(values)));
        });
        pixels.Pixels.MoveToOuterDisposeScope();
    }

    /// <summary>Keys and values of an image [1, N, C], [heads, N, hd].</summary>
    public (Tensor Keys, Tensor Values) ProjectKeys(Tensor positioned, Tensor pixels) => (ByHead(_k.call(positioned)), ByHead(_v.call(pixels)));

    /// <summary>Queries of an image [1, N, C], [heads, N, hd].</summary>
    public Tensor ProjectQueries(Tensor positioned) => ByHead(_q.call(positioned));

    /// <summary>What each token gives to a pixel that looks at nothing else, [B, heads * T, C]; all heads together give the output's bias once.</summary>
    private Tensor OutputsOf(Tensor v)
    {
        var values = ByHead(_v.call(v)).matmul(_out.weight.view(_width, _heads, -1).permute(1, 2, 0)); // [heads, B * T, C]
        values.select(0, 0).add_(_out.bias!); // the weights of this head add up to 1 as those of any other
        return ByPrompt(values, v.shape[0]);
    }

    /// <summary>Softmax over the tokens runs along the pixels: over rows of seven numbers it would take thirty times as long.</summary>
    private Tensor Sum(Tensor pixels, Tensor scores, Tensor values)
    {
        var weights = scores.view(scores.shape[0], _heads, -1, pixels.shape[1]).softmax(2).flatten(1, 2); // [b, heads * T, n]
        return pixels + weights.transpose(1, 2).matmul(values); // [b, n, C]
    }

    /// <summary>[B, T, heads * hd] -> [heads, B * T, hd].</summary>
    private Tensor ByHead(Tensor x) => x.view(x.shape[0] * x.shape[1], _heads, -1).transpose(0, 1);

    /// <summary>[heads, B * T, C] -> [B, heads * T, C].</summary>
    private static Tensor ByPrompt(Tensor x, long prompts) => x.view(x.shape[0], prompts, -1, x.shape[2]).transpose(0, 1).flatten(1, 2);

    /// <summary>[heads, B * T, hd] -> [B, T, heads * hd].</summary>
    private static Tensor Merge(Tensor x, Tensor tokens) => x.transpose(0, 1).reshape(tokens.shape[0], tokens.shape[1], -1);
}
