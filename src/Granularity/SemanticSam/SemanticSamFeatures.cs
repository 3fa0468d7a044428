using SemanticSam.Masks;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>An image as the decoder sees it, with the sizes it had on the way. Owns its tensors.</summary>
/// <param name="Memory">Features.</param>
/// <param name="Padded">Size the network saw.</param>
/// <param name="Unpadded">Size of the resized image.</param>
internal sealed record SemanticSamFeatures(DecoderMemory Memory, PixelSize Padded, PixelSize Unpadded) : IDisposable
{
    /// <summary>The sizes together with that of the results.</summary>
    public ImageGeometry Geometry(PixelSize output) => new(Padded, Unpadded, output);

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();
}
