using SemanticSam.Granularity.Sam.CpuDecoder;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>An image encoded by SAM, with the sizes it had on the way. Owns its tensor.</summary>
/// <param name="Embedding">[1, C, h, w].</param>
/// <param name="Original">Size of the image.</param>
/// <param name="Input">Size it was resized to, before padding.</param>
internal sealed record SamFeatures(Tensor Embedding, PixelSize Original, PixelSize Input) : IDisposable
{
    private readonly Lock _gate = new();
    private ProjectedImage? _projected;

    /// <summary>What the decoder makes of the image before the first prompt, made once. Stays the image's.</summary>
    internal ProjectedImage Projected(CpuMaskDecoder decoder)
    {
        lock (_gate) return _projected ??= decoder.Project(Embedding).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Embedding.Dispose();
        _projected?.Dispose();
    }
}

/// <summary>B prompts on one image, in pixels of the original image; null is for what none of them has.</summary>
internal sealed record SamPrompts
{
    /// <summary>[B, N, 2] float32 or float64, x and y.</summary>
    public Tensor? Points { get; init; }

    /// <summary>[B, N] integers: 1 inside, 0 outside, -1 no point.</summary>
    public Tensor? Labels { get; init; }

    /// <summary>[B, 4] float32: left, top, right, bottom.</summary>
    public Tensor? Boxes { get; init; }

    /// <summary>[B, 1, 4h, 4w] float32: low-resolution logits, most often those of an earlier answer.</summary>
    public Tensor? Masks { get; init; }
}

/// <summary>Answers to B prompts; owned by the caller.</summary>
/// <param name="Logits">[B, M, 4h, 4w]: masks at low resolution, to refine with or to bring to size.</param>
/// <param name="Iou">[B, M]: predicted IoU, unbounded.</param>
internal sealed record SamPrediction(Tensor Logits, Tensor Iou) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Logits.Dispose();
        Iou.Dispose();
    }
}

/// <summary>Prompts after the decoder's transformer, before their masks are drawn.</summary>
/// <param name="Queries">[B, T, C].</param>
/// <param name="Keys">[B, h * w, C].</param>
/// <param name="Iou">[B, 4]: predicted IoU of every mask token.</param>
internal sealed record SamTokens(Tensor Queries, Tensor Keys, Tensor Iou) : IDisposable
{
    public void Dispose()
    {
        Queries.Dispose();
        Keys.Dispose();
        Iou.Dispose();
    }
}
