using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>The encoder of a SAM with low-rank adapters, which are trained: the embedding alone, with its gradient where one is wanted.</summary>
internal sealed class SamAdaptedEncoder(SamModel sam) : FrozenEncoder
{
    public override int ImageSize => sam.Config.ImageSize;

    public override long Width => sam.Config.Width;

    public override IReadOnlyList<long> StateWidths => [];

    public override DecoderSizes Decoder => DecoderSizes.Of(sam.Config);

    public override EncodedView Encode(Tensor rgb)
    {
        using var scope = NewDisposeScope();
        var pixels = PixelStatistics.ImageNet.Normalize(rgb.unsqueeze(0), ImageSize, ImageSize).to(sam.MaskDecoder.parameters().First().device);
        var states = ((ITracedEncoder)sam.ImageEncoder).Trace(pixels, []);
        states.Embedding.MoveToOuterDisposeScope();
        return new(states, [], []);
    }
}
