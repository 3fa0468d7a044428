using SemanticSam.Granularity.Layers;
using SemanticSam.Masks;
using SemanticSam.TextEncoder.Encoder;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// A model of the Semantic-SAM family: backbone, pixel decoder, mask decoder and, where configured, language encoder. Its state
/// dict has the names of the published checkpoints (without their prefix <c>model.</c>).
/// </summary>
internal sealed class SemanticSamModel : nn.Module
{
    /// <summary>Images are padded to multiples of this.</summary>
    public const int SizeDivisor = 32;

    private readonly Backbone backbone;
    private readonly SegmentationHead sem_seg_head;

    /// <summary>A model with random weights.</summary>
    /// <param name="config">Sizes and switches.</param>
    /// <exception cref="ArgumentException">Sizes are out of range or contradict each other.</exception>
    public SemanticSamModel(ModelConfig config) : base(nameof(SemanticSamModel))
    {
        Config = config;
        backbone = CreateBackbone(config);
        var pixelDecoder = new PixelDecoder(config.PixelDecoder with { Channels = backbone.Channels });
        var languageEncoder = config.Text is { } text ? CreateLanguageEncoder(text, config.Decoder.TextWidth) : null;
        sem_seg_head = new SegmentationHead(pixelDecoder, new MaskDinoDecoder(config.Decoder, languageEncoder));
        RegisterComponents();
    }

    /// <summary>Sizes and switches.</summary>
    public ModelConfig Config { get; }

    /// <summary>The backbone.</summary>
    public Backbone Backbone => backbone;

    /// <summary>The pixel decoder.</summary>
    public PixelDecoder PixelDecoder => sem_seg_head.PixelDecoder;

    /// <summary>The mask decoder.</summary>
    public MaskDinoDecoder Decoder => sem_seg_head.Predictor;

    /// <summary>The language encoder; null for a model without one. Stored inside the decoder, as in the checkpoints.</summary>
    public LanguageEncoder? LanguageEncoder => Decoder.LanguageEncoder;

    /// <summary>Encodes an image once, for any number of prompts.</summary>
    /// <param name="image">[3, H, W] RGB 0..255, float or byte, already resized.</param>
    /// <param name="keepProjections">See <see cref="MaskDinoDecoder.Remember"/>.</param>
    /// <returns>The image's features, out of any dispose scope.</returns>
    /// <exception cref="ArgumentException">Not three channels, or an empty side.</exception>
    public SemanticSamFeatures Encode(Tensor image, bool keepProjections = true)
    {
        if (image.dim() != 3 || image.shape[0] != 3 || image.shape[1] < 1 || image.shape[2] < 1)
            throw new ArgumentException($"An image is [3, height, width]; it is [{string.Join(", ", image.shape)}].", nameof(image));
        using var scope = NewDisposeScope();
        var batch = Normalize(image.unsqueeze(0)); // [1, 3, Hp, Wp]
        var features = PixelDecoder.call(backbone.call(batch));
        var memory = Decoder.Remember(features.MaskFeatures, features.MultiScale, keepProjections);
        return new SemanticSamFeatures(memory.DetachFromDisposeScope(),
            new PixelSize((int)batch.shape[2], (int)batch.shape[3]), new PixelSize((int)image.shape[1], (int)image.shape[2]));
    }

    /// <summary>
    /// Weights for a training of the whole model from nothing, where the published models begin with pretrained parts. Layers keep what
    /// they were made with but for the levels, the projections between queries and text, and the language encoder.
    /// </summary>
    internal void ResetForScratch()
    {
        PixelDecoder.Transformer.ResetForScratch();
        Decoder.ResetForScratch();
    }

    private static LanguageEncoder CreateLanguageEncoder(TextConfig text, int outputWidth) =>
        new(new TextEncoderConfig(text.Width, text.Layers, text.Heads, text.Context, text.Vocabulary, outputWidth) { LayerNormEpsilon = 1e-12 });

    private static Backbone CreateBackbone(ModelConfig config) => config switch
    {
        { Swin: { } swin, ConvNet: null } => new SwinTransformer(swin),
        { ConvNet: { } convNet, Swin: null } => new ConvNet(convNet),
        _ => throw new ArgumentException($"The configuration of '{config.Name}' must name one backbone, swin or conv_net.", nameof(config)),
    };

    /// <summary>Normalizes, then pads with zeros at the right and bottom to multiples of <see cref="SizeDivisor"/>.</summary>
    /// <param name="images">[B, 3, H, W] RGB 0..255.</param>
    /// <returns>[B, 3, Hp, Wp] float.</returns>
    public Tensor Normalize(Tensor images)
    {
        return new PixelStatistics(Config.PixelMean, Config.PixelStd).Normalize(images, Padded(images.shape[2]), Padded(images.shape[3]));

        static long Padded(long size) => (size + SizeDivisor - 1) / SizeDivisor * SizeDivisor;
    }
}
