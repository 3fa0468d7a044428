using SemanticSam.Granularity.Nano;

namespace SemanticSam.Tests.Granularity.Nano;

/// <summary>How the region of a name is divided among masks: by hand, on maps small enough to see.</summary>
public sealed class ThingDivisionTests
{
    private const float Threshold = 0.5f;

    /// <summary>A plane from rows of characters: a digit is what it says, '.' is -9.</summary>
    private static float[] Plane(params string[] rows) => [.. rows.SelectMany(r => r).Select(c => c == '.' ? -9f : c - '0')];

    private static int[] Owners(params string[] rows) => [.. rows.SelectMany(r => r).Select(c => c == '.' ? -1 : c - 'a')];

    private static string Drawn(int[] owner, int width) =>
        string.Join('/', owner.Chunk(width).Select(row => string.Concat(row.Select(o => o < 0 ? '.' : (char)('a' + o)))));

    [Fact]
    public void Own_MasksThatMeet_GivesEachCellToTheSurest()
    {
        float[] name = Plane("99999.", "99999."), masks = [.. Plane("3321..", "3321.."), .. Plane("..2345", "..2345")];
        // The third cell is a tie, which the first mask has; the last is far below the name's threshold.
        Assert.Equal("aaabb./aaabb.", Drawn(ThingDivision.Own(name, Threshold, 2, masks), 6));
        // A mask that is below zero claims nothing.
        Assert.Equal("....../......", Drawn(ThingDivision.Own(name, Threshold, 1, Plane("......", "......")), 6));
    }

    [Fact]
    public void Divide_SmallPieceThatNoMaskClaims_JoinsTheThingItTouchesMost()
    {
        // The two cells in the middle touch a five times, b once.
        int[] owner = Owners("aaaaaaa.bbb", "aaaaa..bbbb", "aaaaaaabbbb");
        bool[] inside = [.. owner.Select((o, i) => o >= 0 || i is 16 or 17)];
        Assert.Equal(2, ThingDivision.Divide(new CellPieces(inside, 3, 11), owner, 2, 3, 11));
        Assert.Equal("aaaaaaa.bbb/aaaaaaabbbb/aaaaaaabbbb", Drawn(owner, 11));
    }

    [Fact]
    public void Divide_LargePieceThatNoMaskClaims_IsAThingOfItsOwn_AndAScrapAloneIsNone()
    {
        // c: 12 cells, 2 * 6 of those that make a piece; the cell at the right touches nothing.
        int[] owner = Owners("aaa........", "aaa........", "aaa........");
        bool[] inside = [.. owner.Select((o, i) => o >= 0 || i % 11 is >= 4 and < 8 || i == 10)];
        Assert.Equal(2, ThingDivision.Divide(new CellPieces(inside, 3, 11), owner, 1, 3, 11));
        Assert.Equal("aaa.bbbb.../aaa.bbbb.../aaa.bbbb...", Drawn(owner, 11));
    }

    /// <summary>Beside a large thing, what nobody claims has to be 0.15 of it to be more than a rest of it.</summary>
    [Fact]
    public void Divide_RestBesideALargeThing_JoinsIt()
    {
        const int Height = 10, Width = 20;
        var owner = new int[Height * Width];
        for (int i = 0; i < owner.Length; i++) owner[i] = i % Width < 18 ? 0 : -1; // 180 cells, and 20 that nobody claims: less than 27
        bool[] inside = [.. owner.Select(_ => true)];
        Assert.Equal(1, ThingDivision.Divide(new CellPieces(inside, Height, Width), owner, 1, Height, Width));
        Assert.All(owner, o => Assert.Equal(0, o));
    }

    [Fact]
    public void Cut_Things_AreAboveZeroOnTheirOwnCellsAlone()
    {
        float[] name = Plane("999991..", "99999..."), masks = [.. Plane("3321....", "3321...."), .. Plane("..2345..", "..2345..")];
        int[] owner = ThingDivision.Own(name, Threshold, 2, masks);
        owner[7] = 2; // a thing without a mask
        var cuts = ThingDivision.Cut(3, name, owner, masks, 2, Threshold);
        Assert.Equal(3, cuts.Count);
        for (int i = 0; i < name.Length; i++)
            for (int thing = 0; thing < 3; thing++)
                Assert.True(cuts[thing][i] > 0 == (owner[i] == thing), $"thing {thing} at {i}: {cuts[thing][i]}");
        Assert.Equal(8.5f, cuts[0][0]); // alone there: as sure as the name, 9 above 0.5
        Assert.Equal(0.05f, cuts[0][2]); // where both are equally sure, it is just inside
        Assert.Equal(2, cuts[1][3]); // 3 against 1 of the other
        // A thing that owns no cell is left out.
        Assert.Equal(2, ThingDivision.Cut(3, name, ThingDivision.Own(name, Threshold, 2, masks), masks, 2, Threshold).Count);
    }

    [Fact]
    public void All_OfARegion_IsInsideInItsPiecesAndNowhereElse()
    {
        float[] name = [.. Enumerable.Repeat(-9f, 64)];
        for (int i = 0; i < 24; i++) name[i] = 3;
        name[63] = 4; // a scrap
        float[] all = ThingDivision.All(new NameRegion(name, Threshold, 8, 8), Threshold);
        Assert.All(all.Take(24), v => Assert.Equal(2.5f, v));
        Assert.All(all.Skip(24), v => Assert.True(v < 0));
    }
}
