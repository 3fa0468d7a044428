using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>SAM's mask decoder (arXiv 2304.02643, appendix A): masks and their predicted IoU from an image and embedded prompts.</summary>
internal sealed class MaskDecoder : nn.Module
{
    private readonly TwoWayTransformer transformer;
    private readonly Embedding iou_token, mask_tokens;
    private readonly Sequential output_upscaling;
    private readonly ModuleList<Mlp> output_hypernetworks_mlps;
    private readonly Mlp iou_prediction_head;

    /// <summary>With random weights.</summary>
    /// <param name="width">Features of the image's embedding, a multiple of 8.</param>
    /// <param name="transformer">Of the same features.</param>
    /// <param name="multimaskOutputs">Masks for an ambiguous prompt; the decoder makes one more for an unambiguous one.</param>
    /// <param name="iouHeadDepth">Layers of the IoU head.</param>
    /// <param name="iouHeadWidth">Features inside the IoU head.</param>
    public MaskDecoder(long width, TwoWayTransformer transformer, int multimaskOutputs = 3, int iouHeadDepth = 3, long iouHeadWidth = 256)
        : base(nameof(MaskDecoder))
    {
        this.transformer = transformer;
        int masks = multimaskOutputs + 1;
        iou_token = ModuleTensors.Embedding(1, width);
        mask_tokens = ModuleTensors.Embedding(masks, width);
        output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(width, width / 4, kernel_size: 2, stride: 2), new LayerNorm2d(width / 4), nn.GELU(),
            nn.ConvTranspose2d(width / 4, width / 8, kernel_size: 2, stride: 2), nn.GELU());
        output_hypernetworks_mlps = new ModuleList<Mlp>();
        for (int m = 0; m < masks; m++) output_hypernetworks_mlps.Add(new Mlp(width, width, width / 8, 3));
        iou_prediction_head = new Mlp(width, iouHeadWidth, masks, iouHeadDepth);
        RegisterComponents();
    }

    internal TwoWayTransformer Transformer => transformer;

    internal Sequential Upscaling => output_upscaling;

    /// <summary>Masks of the prompts on one image.</summary>
    /// <param name="image">[1, C, h, w]: the image's embedding.</param>
    /// <param name="imagePosition">[1, C, h, w]: <see cref="PromptEncoder.DensePosition"/>.</param>
    /// <param name="prompts">B embedded prompts.</param>
    /// <param name="multimask">True: the masks for an ambiguous prompt (tokens 1 to 3). False: the one for an unambiguous prompt (token 0).</param>
    /// <returns>Mask logits [B, 3 or 1, 4h, 4w] and predicted IoU [B, 3 or 1], unbounded.</returns>
    /// <exception cref="ArgumentException">The embedding is not that of one image.</exception>
    public (Tensor Masks, Tensor Iou) forward(Tensor image, Tensor imagePosition, PromptEmbeddings prompts, bool multimask)
    {
        if (image.dim() != 4 || image.shape[0] != 1)
            throw new ArgumentException($"The embedding of one image is [1, C, h, w]; it is [{string.Join(", ", image.shape)}].", nameof(image));
        using var scope = NewDisposeScope();
        var (masks, iou) = PredictMasks(image, imagePosition, prompts);
        long from = multimask ? 1 : 0, count = multimask ? iou.shape[1] - 1 : 1;
        return (masks.narrow(1, from, count).MoveToOuterDisposeScope(), iou.narrow(1, from, count).MoveToOuterDisposeScope());
    }

    /// <summary>Masks of all tokens: [B, 4, 4h, 4w], [B, 4].</summary>
    internal (Tensor Masks, Tensor Iou) PredictMasks(Tensor image, Tensor imagePosition, PromptEmbeddings prompts)
    {
        using var scope = NewDisposeScope();
        var (queries, keys, iou) = Attend(image, imagePosition, prompts);
        return (Draw(queries, keys, image.shape[2], image.shape[3], 0, iou.shape[1]).MoveToOuterDisposeScope(), iou.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The first half: all that the predicted IoU needs. Where it is too low, the second half, which is about as much work, can be spared.
    /// </summary>
    /// <returns>Tokens [B, T, C], pixels [B, h * w, C], predicted IoU of all tokens [B, 4].</returns>
    internal (Tensor Queries, Tensor Keys, Tensor Iou) Attend(Tensor image, Tensor imagePosition, PromptEmbeddings prompts)
    {
        using var scope = NewDisposeScope();
        // Where no prompt brings a mask the image is the same for all, and stays a batch of 1 until the first attention to tokens.
        var source = (image + prompts.Dense).flatten(2).transpose(1, 2); // [B or 1, h * w, C]
        var (queries, keys) = transformer.call(source, imagePosition.flatten(2).transpose(1, 2), TokensOf(prompts));
        return (queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope(), PredictIou(queries).MoveToOuterDisposeScope());
    }

    /// <summary>The tokens of the answer, then those of the prompts: [B, 5 + T, C].</summary>
    internal Tensor TokensOf(PromptEmbeddings prompts)
    {
        var outputs = cat([iou_token.weight!, mask_tokens.weight!], 0).unsqueeze(0).expand(prompts.Sparse.shape[0], -1, -1); // [B, 5, C]
        return cat([outputs, prompts.Sparse], 1);
    }

    /// <summary>[B, 4], from the tokens after the transformer.</summary>
    internal Tensor PredictIou(Tensor queries) => iou_prediction_head.call(queries.select(1, 0));

    /// <summary>What the upscaled pixels are multiplied by: [B, count, C / 8].</summary>
    internal Tensor Kernels(Tensor queries, long from, long count)
    {
        using var scope = NewDisposeScope();
        var each = new List<Tensor>();
        for (long m = from; m < from + count; m++) each.Add(output_hypernetworks_mlps[(int)m].call(queries.select(1, 1 + m)));
        return stack(each, 1).MoveToOuterDisposeScope();
    }

    /// <summary>The second half: masks of some prompts and tokens.</summary>
    /// <param name="queries">[B, T, C], from <see cref="Attend"/>.</param>
    /// <param name="keys">[B, h * w, C], from <see cref="Attend"/>.</param>
    /// <param name="h">Rows of the image's embedding.</param>
    /// <param name="w">Columns of the image's embedding.</param>
    /// <param name="from">First mask token.</param>
    /// <param name="count">Mask tokens.</param>
    /// <param name="fine">Added on the way up; null for nothing.</param>
    /// <returns>[B, count, 4h, 4w].</returns>
    internal Tensor Draw(Tensor queries, Tensor keys, long h, long w, long from, long count, FineRows? fine = null)
    {
        using var scope = NewDisposeScope();
        long batch = keys.shape[0], width = keys.shape[2];
        if (fine is not null) return DrawFine(keys, Kernels(queries, from, count), h, w, fine).MoveToOuterDisposeScope();
        var map = output_upscaling.call(keys.transpose(1, 2).reshape(batch, width, h, w)); // [B, C / 8, 4h, 4w]
        return Kernels(queries, from, count).matmul(map.flatten(2)).view(batch, count, 4 * h, 4 * w).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The same with finer maps added on the way up. A transposed convolution by 2 with stride 2 is one matrix product on pixels as rows, each of which becomes
    /// four: so norm and sums need no other layout.
    /// </summary>
    private Tensor DrawFine(Tensor keys, Tensor kernels, long h, long w, FineRows fine)
    {
        var (first, norm, second) = ((ConvTranspose2d)output_upscaling[0], (LayerNorm2d)output_upscaling[1], (ConvTranspose2d)output_upscaling[3]);
        var x = nn.functional.gelu(norm.OfPixels(Quadruple(first, keys) + fine.Twice));
        x = nn.functional.gelu(Quadruple(second, x) + fine.Fourfold);
        return FineRows.InRows(x.matmul(kernels.transpose(1, 2)), h, w);
    }

    /// <summary>[B, N, in] -> [B, 4 N, out].</summary>
    private static Tensor Quadruple(ConvTranspose2d convolution, Tensor x) =>
        nn.functional.linear(x, convolution.weight!.permute(2, 3, 1, 0).flatten(0, 2), convolution.bias!.repeat(4)).view(x.shape[0], 4 * x.shape[1], -1);
}
