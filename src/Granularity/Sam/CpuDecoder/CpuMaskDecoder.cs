using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam.CpuDecoder;

/// <summary>
/// <see cref="MaskDecoder"/> for inference on a CPU: its weights, its results but for the order of sums, in a half to a quarter of its time. What
/// does not depend on prompts is computed once an image (<see cref="Project"/>), tokens are projected instead of pixels
/// (<see cref="FewTokenAttention"/>), and the steps go over pieces of the pixels that stay in a cache (<see cref="PixelBatch"/>).
/// </summary>
/// <remarks>Reads the decoder's weights in every call, so that loading and training them needs no word to it. No gradients.</remarks>
internal sealed class CpuMaskDecoder
{
    private readonly MaskDecoder _decoder;
    private readonly PromptEncoder _prompts;
    private readonly FewTokenBlock[] _blocks;
    private readonly FewTokenAttention _final;
    private readonly PixelUpscaling _upscaling;

    public CpuMaskDecoder(MaskDecoder decoder, PromptEncoder prompts)
    {
        (_decoder, _prompts) = (decoder, prompts);
        _blocks = [.. decoder.Transformer.Layers.Select(layer => new FewTokenBlock(layer))];
        _final = new(decoder.Transformer.FinalAttention);
        _upscaling = new(decoder.Upscaling);
    }

    /// <summary>What does not depend on prompts without masks; in the caller's dispose scope.</summary>
    /// <param name="embedding">[1, C, h, w]: the image's.</param>
    public ProjectedImage Project(Tensor embedding)
    {
        using var scope = NewDisposeScope();
        var noMask = _prompts.forward().Dense;
        return _blocks[0].Project(Rows(embedding + noMask), Rows(_prompts.DensePosition())).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="MaskDecoder.Attend"/>, for prompts on an image known before.</summary>
    /// <param name="image">From <see cref="Project"/>.</param>
    /// <param name="embedding">[1, C, h, w]: the same image's embedding, for prompts that bring masks.</param>
    /// <param name="prompts">B embedded prompts.</param>
    public (Tensor Queries, Tensor Keys, Tensor Iou) Attend(ProjectedImage image, Tensor embedding, PromptEmbeddings prompts)
    {
        using var scope = NewDisposeScope();
        // Where no prompt brings a mask the image is the same for all, until the first attention to tokens.
        var source = prompts.HasMasks ? Rows(embedding + prompts.Dense) : image.Source;
        var tokens = _decoder.TokensOf(prompts);
        var (queries, keys) = tokens.shape[1] <= _final.FewTokens ? Run(source, image.Position, tokens, prompts.HasMasks ? null : image)
            : _decoder.Transformer.call(source, image.Position, tokens);
        return (queries.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope(), _decoder.PredictIou(queries).MoveToOuterDisposeScope());
    }

    /// <summary>As <see cref="MaskDecoder.Draw"/>.</summary>
    public Tensor Draw(Tensor queries, Tensor keys, long h, long w, long from, long count)
    {
        using var scope = NewDisposeScope();
        return _upscaling.Masks(keys, _decoder.Kernels(queries, from, count), h, w).MoveToOuterDisposeScope();
    }

    /// <summary>The two-way transformer, piece by piece.</summary>
    /// <param name="source">[B or 1, N, C].</param>
    /// <param name="position">[1, N, C].</param>
    /// <param name="tokens">[B, T, C].</param>
    /// <param name="image">The source as the first layer sees it, where that is the same for all prompts.</param>
    private (Tensor Queries, Tensor Keys) Run(Tensor source, Tensor position, Tensor tokens, ProjectedImage? image)
    {
        var pixels = new PixelBatch(source, position, tokens.shape[0]);
        var queries = tokens;
        for (int k = 0; k < _blocks.Length; k++) queries = _blocks[k].Run(queries, tokens, pixels, k == 0 ? image : null);
        queries = _decoder.Transformer.FinalNorm.call(queries + _final.ToPixels(queries + tokens, pixels));
        return (queries, pixels.Pixels);
    }

    /// <summary>Pixels as rows: [B, C, h, w] -> [B, h * w, C].</summary>
    private static Tensor Rows(Tensor map) => map.flatten(2).transpose(1, 2).contiguous();
}
