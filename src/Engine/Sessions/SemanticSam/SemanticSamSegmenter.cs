using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.SemanticSam;

/// <summary>Semantic-SAM, OpenSeeD and the embedded model.</summary>
internal sealed class SemanticSamSegmenter : Segmenter
{
    private readonly SemanticSamModel _network;
    private readonly NameEncoder? _names;
    private readonly Device _device;

    /// <summary>Takes over the network and the encoder of names.</summary>
    public SemanticSamSegmenter(SemanticSamModel network, InferenceSettings settings, string sha256, NameEncoder? names, Device device)
    {
        _network = network;
        _network.Freeze();
        _names = names;
        _device = device;
        Settings = settings;
        Sha256 = sha256;
    }

    public override string Name => _network.Config.Name;

    public override string Sha256 { get; }

    public override InferenceSettings Settings { get; }

    public override IReadOnlyList<GranularityLevel> Levels => GranularityMap.All;

    public override bool AnswersNames => _names is not null && _network.Config.Decoder.ObjectQueries > 0;

    protected override MaskThresholds FamilyThresholds => MaskThresholds.SemanticSam;

    protected override ThresholdRule ThresholdRule => ThresholdRule.AlwaysOn;

    public override EncodedImage Encode(RgbImage image)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var resized = Resized(image);
        var pixels = tensor(resized.Pixels, [resized.Height, resized.Width, 3], dtype: ScalarType.Byte).permute(2, 0, 1).to(_device); // [3, H, W]
        return Wrap(_network.Encode(pixels), new(image.Height, image.Width));
    }

    public override EncodedImage Restore(SavedEncoding saved, PixelSize size)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var decoder = _network.Config.Decoder;
        PixelSize padded = saved.Size("padded"), unpadded = saved.Size("unpadded");
        if (unpadded.Height > padded.Height || unpadded.Width > padded.Width || padded.Height % 4 != 0 || padded.Width % 4 != 0)
            throw new FormatException($"the sizes {SavedEncoding.Write(unpadded)} in {SavedEncoding.Write(padded)} are not those of a padded image");
        var shapes = saved.Sizes("levels");
        if (shapes.Count != decoder.Levels) throw new FormatException($"there are features of {shapes.Count} levels, the model has {decoder.Levels}");
        long length = shapes.Sum(s => (long)s.Height * s.Width);
        var tokens = saved.Tensor("tokens", 1, length, decoder.Width).to(_device);
        var features = saved.Tensor("mask_features", 1, decoder.MaskWidth, padded.Height / 4, padded.Width / 4).to(_device);
        var multiScale = new List<Tensor>(shapes.Count);
        long start = 0;
        foreach (var shape in shapes)
        {
            multiScale.Add(tokens.narrow(1, start, (long)shape.Height * shape.Width).transpose(1, 2).view(1, decoder.Width, shape.Height, shape.Width)); // [1, C, h, w]
            start += (long)shape.Height * shape.Width;
        }
        multiScale.Reverse(); // the decoder takes the finest level first and stores it last
        return Wrap(new SemanticSamFeatures(_network.Decoder.Remember(features, multiScale).DetachFromDisposeScope(), padded, unpadded), size);
    }

    protected override void Release()
    {
        _names?.Dispose();
        _network.Dispose();
    }

    private SemanticSamEncodedImage Wrap(SemanticSamFeatures features, PixelSize size) => new(this, _network, _names, features, size, _device);

    private RgbImage Resized(RgbImage image)
    {
        var sizing = _network.Config.Sizing;
        return sizing.Edge == SizedEdge.Shorter ? Resize.ShortestSide(image, sizing.Pixels, sizing.Filter) : Resize.LongestSide(image, sizing.Pixels, sizing.Filter);
    }
}
