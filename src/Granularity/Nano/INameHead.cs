using static TorchSharp.torch;

namespace SemanticSam.Granularity.Nano;

/// <summary>What compares names with the pixels of images and with images as a whole.</summary>
internal interface INameHead
{
    /// <summary>Names in the space of the pixels, [B, N, width].</summary>
    /// <param name="sentences">[B, N, SentenceWidth], of length 1.</param>
    Tensor Names(Tensor sentences);

    /// <summary>Logits of names at every pixel, [B, N, H / 4 * W / 4].</summary>
    /// <param name="features">Encoded images.</param>
    /// <param name="names">[B, N, width] from <see cref="Names"/>.</param>
    Tensor Words(NanoFeatures features, Tensor names);

    /// <summary>Logits of names being anywhere, [B, N].</summary>
    /// <param name="features">Encoded images.</param>
    /// <param name="names">[B, N, width] from <see cref="Names"/>.</param>
    Tensor Presence(NanoFeatures features, Tensor names);
}
