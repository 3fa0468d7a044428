using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Resizing;
using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Sessions.Sam;

/// <summary>SAM and MobileSAM. Their three masks are the levels of <see cref="GranularityMap.Sam"/>.</summary>
internal sealed class SamSegmenter : Segmenter
{
    private readonly SamModel _network;
    private readonly Device _device;

    /// <summary>Takes over the network.</summary>
    public SamSegmenter(SamModel network, string sha256, Device device)
    {
        _network = network;
        _network.Freeze();
        _device = device;
        Sha256 = sha256;
    }

    public override string Name => _network.Config.Name;

    public override string Sha256 { get; }

    public override InferenceSettings Settings { get; } = new();

    public override IReadOnlyList<GranularityLevel> Levels => GranularityMap.Sam.Levels;

    public override int ImageSize => _network.Config.ImageSize;

    public override bool AnswersNames => false;

    public override bool HasSingleMaskToken => true;

    public override bool TakesLogits => true;

    protected override MaskThresholds FamilyThresholds => MaskThresholds.Sam;

    protected override ThresholdRule ThresholdRule => ThresholdRule.OffAtZero;

    public override EncodedImage Encode(RgbImage image)
    {
        Seen(image.FullHeight, image.FullWidth);
        return new SamEncodedImage(this, _network, _network.Encode(image), _device).Checked();
    }

    public override EncodedImage Restore(SavedEncoding saved, PixelSize size)
    {
        using var scope = NewDisposeScope();
        int grid = _network.Config.Grid;
        var input = saved.Size("input");
        if (Seen(size.Height, size.Width) is var seen && input != seen)
            throw new FormatException(
                $"the entry 'input' is '{SavedEncoding.Write(input)}', but an image of {SavedEncoding.Write(size)} is seen at {SavedEncoding.Write(seen)}");
        var embedding = saved.Tensor("embedding", 1, _network.Config.Width, grid, grid).to(_device);
        return new SamEncodedImage(this, _network, new SamFeatures(embedding.alias().DetachFromDisposeScope(), size, input), _device);
    }

    /// <summary>Rows and columns at which the network sees an image.</summary>
    /// <exception cref="ImageException">Its sides differ so much that nothing would be left of it.</exception>
    private PixelSize Seen(int height, int width)
    {
        var (rows, columns) = new ResizeLongestSide(_network.Config.ImageSize).PreprocessShape(height, width);
        return rows >= 1 && columns >= 1 ? new(rows, columns) : throw new ImageException(ImageError.TooLarge,
            $"The image of {width} x {height} would become {columns} x {rows} for the model '{Name}': its sides differ too much. Cut it to pieces.");
    }

    protected override void Release() => _network.Dispose();
}
