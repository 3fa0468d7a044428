using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

internal static partial class GoldenMasks
{
    /// <param name="mask">[H, W] bool.</param>
    public static Rle Of(Tensor mask)
    {
        using var scope = NewDisposeScope();
        return Rle.FromBools(mask.cpu().contiguous().data<bool>().ToArray(), (int)mask.shape[0], (int)mask.shape[1]);
    }
}
