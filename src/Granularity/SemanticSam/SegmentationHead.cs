using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Pixel decoder and mask decoder under the names of the published checkpoints.</summary>
internal sealed class SegmentationHead : nn.Module
{
    private readonly PixelDecoder pixel_decoder;
    private readonly MaskDinoDecoder predictor;

    public SegmentationHead(PixelDecoder pixelDecoder, MaskDinoDecoder decoder) : base(nameof(SegmentationHead))
    {
        pixel_decoder = pixelDecoder;
        predictor = decoder;
        RegisterComponents();
    }

    public PixelDecoder PixelDecoder => pixel_decoder;

    public MaskDinoDecoder Predictor => predictor;
}
