using CsCheck;
using SemanticSam.Formats.Shapes;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Formats.Shapes;

public sealed class BridgesTests
{
    /// <summary>Two squares of 3 x 3 pixels, at (1, 1) and (11, 1), as Ultralytics' converter joins them: each is closed, and so is all of it.</summary>
    private static readonly (double, double)[] Two = [(3, 3), (1, 3), (1, 1), (3, 1), (3, 3), (11, 1), (13, 1), (13, 3), (11, 3), (11, 1)];

    /// <summary>A third square at (21, 1): the one in the middle is walked in two pieces, there and on the way back.</summary>
    private static readonly (double, double)[] Three =
    [
        (3, 3), (1, 3), (1, 1), (3, 1), (3, 3), (11, 3), (11, 1), (13, 1), (21, 1), (23, 1), (23, 3), (21, 3), (21, 1), (13, 1), (13, 3), (11, 3),
    ];

    private static Rle Fill((double, double)[] polygon, bool bridged = true) => PolygonPixels.Fill([polygon], 6, 30, PolygonRule.Inclusive, bridged);

    [Fact]
    public void Islands_OfUltralytics_AreJoinedWithoutATrace()
    {
        Rle one = Rle.FromBox(6, 30, new(1, 1, 4, 4)), two = Rle.FromBox(6, 30, new(11, 1, 14, 4)), three = Rle.FromBox(6, 30, new(21, 1, 24, 4));
        Assert.Equal(one.Union(two), Fill(Two));
        Assert.Equal(one.Union(two).Union(three), Fill(Three));
        Assert.True(Fill(Two, bridged: false).Area > 18);
    }

    [Fact]
    public void Piece_OnePixelWide_StaysWhereNothingHangsOnIt()
    {
        (double, double)[] antenna = [(1, 1), (3, 1), (12, 1), (3, 1), (3, 3), (1, 3)];
        Assert.Equal(9 + 9, Fill(antenna).Area);
    }

    [Fact]
    public void Piece_BetweenTwoBodies_IsNoBridgeWhereItHasACornerMore()
    {
        (double X, double Y)[] dumbbell = [(3, 2), (11, 2), (11, 1), (13, 1), (13, 3), (11, 3), (11, 2), (3, 2), (3, 3), (1, 3), (1, 1), (3, 1)];
        Assert.NotNull(Bridges.Of(dumbbell));
        var whole = Bridges.WithoutAny(dumbbell);
        Assert.Null(Bridges.Of(whole));
        Assert.Equal(Fill(dumbbell, bridged: false), Fill([.. whole]));
    }

    [Fact]
    public void Islands_OfSinglePixels_AreMarked()
    {
        Rle mask = Rle.FromBox(6, 30, new(1, 1, 2, 2)).Union(Rle.FromBox(6, 30, new(9, 4, 10, 5))).Union(Rle.FromBox(6, 30, new(20, 0, 24, 1)));
        var joined = Outlines.Joined(mask, PolygonRule.Inclusive)!;
        Assert.Equal(mask, Fill([.. joined]));
        Assert.NotEqual(mask, Fill([.. joined], bridged: false));
    }

    [Fact]
    public void Mask_OfAnyKind_ComesBackFromOnePolygon() =>
        (from h in Gen.Int[1, 24] from w in Gen.Int[1, 30] from mask in FormatSamples.Mask(h, w) select mask).Sample(mask => Assert.Equal(mask,
            PolygonPixels.Fill([Outlines.Joined(mask, PolygonRule.Inclusive)!], mask.Height, mask.Width, PolygonRule.Inclusive, bridged: true)), iter: 2000);
}
