using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>Pixels as patches of 16 x 16, so that they travel as a hidden state does.</summary>
internal static class ImagePatches
{
    private const int Side = 16;

    /// <summary>Numbers of a patch.</summary>
    public const long Width = 3 * Side * Side;

    /// <summary>[B, 3, H, W] -> [B, H / 16, W / 16, 768].</summary>
    public static Tensor Of(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return F.pixel_unshuffle(pixels, Side).permute(0, 2, 3, 1).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The way back.</summary>
    public static Tensor Pixels(Tensor patches)
    {
        using var scope = NewDisposeScope();
        return F.pixel_shuffle(patches.permute(0, 3, 1, 2), Side).MoveToOuterDisposeScope();
    }
}

/// <summary>What a detector that stands alone sees: the pixels themselves, and the embedding that SAM draws its boxes from.</summary>
/// <param name="sam">Encodes and draws.</param>
/// <param name="embeds">Whether the embedding is wanted; training does without, since SAM takes no part in it.</param>
internal sealed class DetectorEncoder(SamModel sam, bool embeds) : FrozenEncoder
{
    public override int ImageSize => sam.Config.ImageSize;

    public override long Width => sam.Config.Width;

    public override IReadOnlyList<long> StateWidths => [ImagePatches.Width];

    public override EncodedView Encode(Tensor rgb)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var device = sam.MaskDecoder.parameters().First().device;
        var pixels = PixelStatistics.ImageNet.Normalize(rgb.unsqueeze(0).to(device), ImageSize, ImageSize);
        var embedding = embeds ? ((ITracedEncoder)sam.ImageEncoder).Trace(pixels, []).Embedding : zeros([1, Width, 1, 1], device: device);
        return new(new([ImagePatches.Of(pixels).MoveToOuterDisposeScope()], embedding.MoveToOuterDisposeScope()), [], []);
    }
}
