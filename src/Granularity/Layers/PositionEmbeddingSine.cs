using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>The sine position encoding of a feature map, as DETR's (normalized, scale 2 pi). Has no weights; sizes seen are kept.</summary>
/// <param name="featuresPerAxis">Features of the row and of the column; the encoding has twice as many.</param>
internal sealed class PositionEmbeddingSine(long featuresPerAxis) : IDisposable
{
    private readonly ShapeCache<LevelShape> _known = new();

    /// <summary>The encoding of a map of this size: the row's features, then the column's.</summary>
    /// <param name="shape">Size of the map.</param>
    /// <param name="device">Where the result is.</param>
    /// <returns>[1, 2 * featuresPerAxis, H, W] in float32. It belongs to this object: do not dispose or change it.</returns>
    public Tensor Of(LevelShape shape, Device device) => _known.GetOrAdd(shape, device, Make);

    private Tensor Make(LevelShape shape, Device device)
    {
        var (h, w) = shape;
        var rows = tensor(SineEncoding.Axis(h, featuresPerAxis), [h, 1, featuresPerAxis], ScalarType.Float32, device);
        var columns = tensor(SineEncoding.Axis(w, featuresPerAxis), [1, w, featuresPerAxis], ScalarType.Float32, device);
        long[] all = [h, w, featuresPerAxis];
        // [H, W, 2 F] -> [1, 2 F, H, W]; stays a view, so that tokens [H * W, 2 F] need no copy
        return cat([rows.expand(all), columns.expand(all)], -1).permute(2, 0, 1).unsqueeze(0);
    }

    /// <summary>Frees the encodings kept.</summary>
    public void Dispose() => _known.Dispose();
}
