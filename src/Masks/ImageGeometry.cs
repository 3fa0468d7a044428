namespace SemanticSam.Masks;

/// <summary>Height and width in pixels.</summary>
internal readonly record struct PixelSize(int Height, int Width);

/// <summary>The sizes an image has on its way through a model.</summary>
/// <param name="Padded">What the network saw: a multiple of 32 on both axes.</param>
/// <param name="Unpadded">The resized image inside it, at the top left.</param>
/// <param name="Output">The size results are wanted at, usually that of the original image.</param>
internal readonly record struct ImageGeometry(PixelSize Padded, PixelSize Unpadded, PixelSize Output);
