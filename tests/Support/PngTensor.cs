using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>Images of fixtures as models of the Semantic-SAM family take them: before normalizing.</summary>
internal static class PngTensor
{
    /// <returns>[3, H, W] float32, 0..255.</returns>
    public static Tensor Read(string relative)
    {
        var (width, height, rgb) = Png.Read(relative);
        using var scope = NewDisposeScope();
        return tensor(Array.ConvertAll(rgb, b => (float)b), [height, width, 3]).permute(2, 0, 1).contiguous().MoveToOuterDisposeScope();
    }
}
