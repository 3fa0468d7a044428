using System.Text.Json;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Support;

/// <summary>Masks of golden sidecars: {"size": [H, W], "counts": [...]}, uncompressed column-major run lengths.</summary>
internal static partial class GoldenMasks
{
    public static Rle Read(JsonElement mask) => Rle.FromCounts(mask.GetProperty("size")[0].GetInt32(), mask.GetProperty("size")[1].GetInt32(),
        [.. mask.GetProperty("counts").EnumerateArray().Select(v => v.GetInt32())]);

    /// <summary>Pixels in which two masks of one size differ.</summary>
    public static int Differing(Rle a, Rle b)
    {
        Assert.Equal((b.Height, b.Width), (a.Height, a.Width));
        bool[] x = a.ToBools(), y = b.ToBools();
        return Enumerable.Range(0, x.Length).Count(i => x[i] != y[i]);
    }
}
