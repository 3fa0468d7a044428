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
    /// <summary>Pixels that the network sees at most: a strip of a shorter side of 640 and a longer of 6,500. Memory grows with them.</summary>
    private const long MostPixels = 2048L * 2048;

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

    public override int ImageSize => _network.Config.Sizing.Pixels;

    public override bool AnswersNames => _names is not null && _network.Config.Decoder.ObjectQueries > 0;

    protected override MaskThresholds FamilyThresholds => MaskThresholds.SemanticSam;

    protected override ThresholdRule ThresholdRule => ThresholdRule.AlwaysOn;

    public override EncodedImage Encode(RgbImage image)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var resized = Resized(image);
        var pixels = tensor(resized.Pixels, [resized.Height, resized.Width, 3], dtype: ScalarType.Byte).permute(2, 0, 1).to(_device); // [3, H, W]
        return Wrap(_network.Encode(pixels), new(image.FullHeight, image.FullWidth));
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
        // All sizes follow from the image's; others would be drawn over the image all the same.
        if (Seen(size.Height, size.Width) is var seen && unpadded != seen)
            throw new FormatException($"the entry 'unpadded' is '{SavedEncoding.Write(unpadded)}', but an image of {SavedEncoding.Write(size)} is seen at " +
                $"{SavedEncoding.Write(seen)}");
        if (padded != new PixelSize(Padded(seen.Height), Padded(seen.Width)))
            throw new FormatException($"the entry 'padded' is '{SavedEncoding.Write(padded)}', which does not follow from {SavedEncoding.Write(seen)}");
        for (int i = 0; i < shapes.Count; i++) // the coarsest level, of stride 64, comes first
        {
            int stride = 64 >> i;
            var expected = i == 0 ? new PixelSize((padded.Height / 32 + 1) / 2, (padded.Width / 32 + 1) / 2)
                : new PixelSize(padded.Height / stride, padded.Width / stride);
            if (shapes[i] != expected)
                throw new FormatException(
                $"the entry 'levels' has {SavedEncoding.Write(shapes[i])} at place {i + 1}, where {SavedEncoding.Write(expected)} follows from the image");
        }
        long length = shapes.Sum(s => (long)s.Height * s.Width);
        var tokens = saved.Tensor("tokens", 1, length, decoder.Width).to(_device);
        var features = saved.Tensor("mask_features", 1, decoder.MaskWidth, padded.Height / 4, padded.Width / 4).to(_device);
        var multiScale = new List<Tensor>(shapes.Count);
        long start = 0;
        foreach (var shape in shapes)
        {
            // [1, C, h, w]
            multiScale.Add(tokens.narrow(1, start, (long)shape.Height * shape.Width).transpose(1, 2).view(1, decoder.Width, shape.Height, shape.Width));
            start += (long)shape.Height * shape.Width;
        }
        multiScale.Reverse(); // the decoder takes the finest level first and stores it last
        return Wrap(new SemanticSamFeatures(_network.Decoder.Remember(features, multiScale).DetachFromDisposeScope(), padded, unpadded), size);
    }

    private static int Padded(int side) => (side + SemanticSamModel.SizeDivisor - 1) / SemanticSamModel.SizeDivisor * SemanticSamModel.SizeDivisor;

    protected override void Release()
    {
        _names?.Dispose();
        _network.Dispose();
    }

    private SemanticSamEncodedImage Wrap(SemanticSamFeatures features, PixelSize size)
    {
        var encoded = new SemanticSamEncodedImage(this, _network, _names, features, size, _device);
        try
        {
            return encoded.Checked();
        }
        catch
        {
            encoded.Dispose();
            throw;
        }
    }

    /// <summary>Rows and columns at which the network sees an image.</summary>
    /// <exception cref="ImageException">Its sides differ so much that nothing would be left of it, or that it would become very large.</exception>
    private PixelSize Seen(int height, int width)
    {
        var sizing = _network.Config.Sizing;
        (int Height, int Width) seen;
        if (sizing.Edge == SizedEdge.Longer) seen = new ResizeLongestSide(sizing.Pixels).PreprocessShape(height, width);
        else
        {
            var (w, h) = Resize.ShortestSideShape(width, height, sizing.Pixels);
            seen = (h, w);
        }
        if (seen.Height < 1 || seen.Width < 1 || (long)seen.Height * seen.Width > MostPixels)
            throw new ImageException(ImageError.TooLarge,
                $"The image of {width} x {height} would become {seen.Width} x {seen.Height} for the model '{Name}', which sees 1 to {MostPixels} pixels: its " +
                    $"sides differ too much. Cut it to pieces.");
        return new(seen.Height, seen.Width);
    }

    private RgbImage Resized(RgbImage image)
    {
        var seen = Seen(image.FullHeight, image.FullWidth);
        return Resize.To(image, seen.Width, seen.Height, _network.Config.Sizing.Filter);
    }
}
