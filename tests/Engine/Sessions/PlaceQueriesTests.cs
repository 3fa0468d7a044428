using CsCheck;
using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Engine.Sessions;

public sealed class PlaceQueriesTests
{
    private static Rle Box(int left, int top, int right, int bottom) => Rle.FromBox(40, 200, new BoxI(left, top, right, bottom));

    [Fact]
    public void Innermost_TallRunInTheMiddle_IsItsMiddle() => Assert.Equal((50, 19), PlaceQueries.Innermost(Box(0, 18, 101, 22).Union(Box(50, 0, 51, 40))));

    [Fact]
    public void Innermost_TwoThinThingsFarApart_IsWhereTheyAreNearestTheMiddle() =>
        Assert.Equal((59, 10), PlaceQueries.Innermost(Box(0, 10, 60, 12).Union(Box(150, 10, 200, 12))));

    [Fact]
    public void Innermost_AnyMask_LiesInIt() =>
        Gen.Bool.Array[9 * 7].Where(bits => bits.Contains(true)).Sample(bits =>
        {
            var mask = Rle.FromBools(bits, 9, 7);
            var (x, y) = PlaceQueries.Innermost(mask);
            return mask.Contains(x, y);
        });
}
