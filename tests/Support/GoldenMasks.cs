using System.Text.Json;
using SemanticSam.Masks;
using TorchSharp;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>Masks of golden sidecars: {"size": [H, W], "counts": [...]}, uncompressed column-major run lengths.</summary>
internal static class GoldenMasks
{
    public static Rle Read(JsonElement mask) => Rle.FromCounts(mask.GetProperty("size")[0].GetInt32(), mask.GetProperty("size")[1].GetInt32(),
        [.. mask.GetProperty("counts").EnumerateArray().Select(v => v.GetInt32())]);

    /// <param name="mask">[H, W] bool.</param>
    public static Rle Of(Tensor mask)
    {
        using var scope = NewDisposeScope();
        return Rle.FromBools(mask.cpu().contiguous().data<bool>().ToArray(), (int)mask.shape[0], (int)mask.shape[1]);
    }

    /// <summary>Pixels in which two masks of one size differ.</summary>
    public static int Differing(Rle a, Rle b)
    {
        Assert.Equal((b.Height, b.Width), (a.Height, a.Width));
        bool[] x = a.ToBools(), y = b.ToBools();
        return Enumerable.Range(0, x.Length).Count(i => x[i] != y[i]);
    }
}
