using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Nano;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>What decides how the embedded model sees an image.</summary>
/// <param name="Name">What it is called in results and messages.</param>
/// <param name="ImageSize">Its longer side is brought to so many pixels.</param>
/// <param name="Sha256">SHA-256 of the weights, lower-case hex.</param>
internal sealed record NanoIdentity(string Name, int ImageSize, string Sha256);

/// <summary>The embedded model: every pixel has an embedding that names are compared with, and small networks draw what prompts mean.</summary>
internal sealed class NanoSegmenter : Segmenter
{
    /// <summary>What its everything mode asks of masks unless a model folder says otherwise; complete.</summary>
    private static readonly MaskThresholds Thresholds = new()
    {
        PredictedIouThreshold = 0.42, StabilityThreshold = 0.6, StabilityOffset = 1, MaskThreshold = 0,
        Overlap = OverlapMeasure.Masks, NmsThreshold = 0.7, LabelNmsThreshold = 0.6, CropNmsThreshold = 0.7, MinRegionArea = 16, MinMaskArea = 16,
    };

    /// <summary>Masks less stable than this were in no fit of a judge.</summary>
    private const double LeastStability = 0.3;

    private readonly NanoModel _network;
    private readonly NanoNames _names;
    private readonly NanoIdentity _identity;
    private readonly Device _device;

    /// <summary>Takes over the network and the names.</summary>
    public NanoSegmenter(NanoModel network, NanoNames names, NanoIdentity identity, InferenceSettings settings, Device device)
    {
        (_network, _names, _identity, _device, Settings) = (network, names, identity, device, settings);
        _network.Freeze();
    }

    public override string Name => _identity.Name;

    public override string Sha256 => _identity.Sha256;

    public override InferenceSettings Settings { get; }

    public override IReadOnlyList<GranularityLevel> Levels => GranularityMap.All;

    public override int ImageSize => _identity.ImageSize;

    public override bool AnswersNames => true;

    public override bool TakesLogits => true;

    public override bool AnswersInMilliseconds => true;

    public override INameBook NameBook => _names;

    // A judge has weighed how stable a mask is, and what else speaks for it.
    protected override MaskThresholds FamilyThresholds => Settings.Calibration?.FoundMasks is null ? Thresholds
        : Thresholds with { StabilityThreshold = LeastStability };

    protected override ThresholdRule ThresholdRule => ThresholdRule.OffAtZero;

    /// <summary>The level of the mask of a small network: they go from the smallest to the largest.</summary>
    public static GranularityLevel LevelOf(int slot, int slots) => (GranularityLevel)(slots - slot);

    public override EncodedImage Encode(RgbImage image)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var input = InputSize(image.FullHeight, image.FullWidth);
        var shown = input == new PixelSize(image.Height, image.Width) ? image : Resize.To(image, input.Width, input.Height);
        var padded = Padded(input);
        Tensor pixels = tensor(shown.Pixels, [shown.Height, shown.Width, 3], dtype: ScalarType.Byte).to(_device).to(ScalarType.Float32).flip(-1)
            - tensor(NanoModel.ChannelMeans).to(_device);
        pixels = nn.functional.pad(pixels, [0, 0, 0, padded.Width - input.Width, 0, padded.Height - input.Height]);
        var answers = new NanoInference(_network, pixels.unsqueeze(0).permute(0, 3, 1, 2), input.Height, input.Width); // [1, 3, H, W], channels last
        return new NanoEncodedImage(this, answers, _names, new(padded, input, new(image.FullHeight, image.FullWidth)), _device);
    }

    public override EncodedImage Restore(SavedEncoding saved, PixelSize size)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var input = InputSize(size.Height, size.Width);
        if (saved.Size("input") != input)
            throw new FormatException($"the entry 'input' is '{SavedEncoding.Write(saved.Size("input"))}', but an image of {SavedEncoding.Write(size)} is " +
                $"seen at {SavedEncoding.Write(input)}");
        var padded = Padded(input);
        var config = _network.Config;
        Tensor Take(string name, params long[] shape) => saved.Tensor(name, shape).to(_device).alias().DetachFromDisposeScope();
        long rows = padded.Height / NanoModel.Stride, columns = padded.Width / NanoModel.Stride;
        var taken = new List<Tensor>();
        try
        {
            for (int i = 0; i < ResNet18.Stages; i++) taken.Add(Take($"level{i}", 1, config.PyramidWidth, rows >> i, columns >> i));
            taken.Add(Take("global", 1, ResNet18.LastWidth(config.BackboneWidth)));
            taken.Add(Take("pixels", 1, rows * columns, config.EmbeddingWidth));
            taken.Add(Take("mask", 1, config.MaskFeatures, rows, columns));
        }
        catch
        {
            foreach (var tensor in taken) tensor.Dispose();
            throw;
        }
        int levels = ResNet18.Stages;
        var answers = new NanoInference(_network, new NanoFeatures([.. taken.Take(levels)], taken[levels], taken[levels + 1]), taken[levels + 2]);
        return new NanoEncodedImage(this, answers, _names, new(padded, input, size), _device);
    }

    /// <summary>An image whose pyramid is known.</summary>
    /// <param name="levels">At strides 4 to 32, of sides that are multiples of the network's, padding included; become the image's.</param>
    /// <param name="global">See <see cref="NanoFeatures"/>; becomes the image's.</param>
    /// <param name="input">Size of the image at the top left of what the network saw.</param>
    /// <param name="size">Size of the original image.</param>
    internal NanoEncodedImage Hold(Tensor[] levels, Tensor global, PixelSize input, PixelSize size)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var features = _network.Embed(new NanoFeatures(levels, global, global));
        var mask = _network.MaskFeatures(features);
        foreach (var tensor in (Tensor[])[.. levels, global, features.Pixels, mask]) tensor.DetachFromDisposeScope();
        var padded = new PixelSize((int)levels[0].shape[2] * NanoModel.Stride, (int)levels[0].shape[3] * NanoModel.Stride);
        return new NanoEncodedImage(this, new NanoInference(_network, features, mask), _names, new(padded, input, size), _device);
    }

    protected override void Release()
    {
        _names.Dispose();
        _network.Dispose();
    }

    /// <summary>Rows and columns at which the network sees an image; never 0, however narrow the image is.</summary>
    private PixelSize InputSize(int height, int width)
    {
        double scale = (double)_identity.ImageSize / Math.Max(height, width);
        return new(Math.Max(1, (int)(height * scale + 0.5)), Math.Max(1, (int)(width * scale + 0.5)));
    }

    private static PixelSize Padded(PixelSize size) => new(Up(size.Height), Up(size.Width));

    private static int Up(int side) => (side + NanoModel.Multiple - 1) / NanoModel.Multiple * NanoModel.Multiple;
}
