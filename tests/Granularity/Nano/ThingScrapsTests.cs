using SemanticSam.Granularity.Nano;

namespace SemanticSam.Tests.Granularity.Nano;

/// <summary>Which pieces of a thing stay.</summary>
public sealed class ThingScrapsTests
{
    private const int Width = 20;

    /// <summary>A row of pieces with a gap between, and the probability of each.</summary>
    private static (float[] Mask, double[] Likely) Row(params (int Length, double Likely)[] pieces)
    {
        var (mask, likely) = (new float[Width], new double[Width]);
        Array.Fill(mask, -1);
        int at = 0;
        foreach (var piece in pieces)
        {
            for (int i = 0; i < piece.Length; i++, at++) (mask[at], likely[at]) = (2, piece.Likely);
            at++;
        }
        return (mask, likely);
    }

    private static string Left(params (int Length, double Likely)[] pieces)
    {
        var (mask, likely) = Row(pieces);
        ThingScraps.Drop(mask, likely, 1, Width);
        return string.Concat(mask.Select(v => v > 0 ? '#' : '.')).TrimEnd('.');
    }

    [Fact]
    public void Drop_SmallPiece_Goes() => Assert.Equal("###########", Left((11, 0.9), (1, 0.9)));

    [Fact]
    public void Drop_FairlySmallPiece_GoesWhereItIsLessSure()
    {
        Assert.Equal("##########", Left((10, 0.9), (2, 0.8)));
        Assert.Equal("##########.##", Left((10, 0.9), (2, 0.85)));
    }

    [Fact]
    public void Drop_LargePiece_Stays() => Assert.Equal("##########.###", Left((10, 0.9), (3, 0.3)));

    [Fact]
    public void Drop_OnePieceOrNone_ChangesNothing()
    {
        Assert.Equal("#", Left((1, 0.1)));
        Assert.Equal("", Left());
    }
}
