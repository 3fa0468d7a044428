using SemanticSam.Granularity.Nano;

namespace SemanticSam.Tests.Granularity.Nano;

/// <summary>Which pieces of a map count, and where they are clicked.</summary>
public sealed class NameRegionTests
{
    private const int Side = 32;
    private const float Threshold = 0;

    private static NameRegion Region(params (int Left, int Top, int Width, int Height, float Logit)[] rectangles)
    {
        var logits = Enumerable.Repeat(-9f, Side * Side).ToArray();
        foreach (var (left, top, width, height, logit) in rectangles)
            for (int y = top; y < top + height; y++) Array.Fill(logits, logit, y * Side + left, width);
        return new NameRegion(logits, Threshold, Side, Side);
    }

    private static int Cell(int x, int y) => y * Side + x;

    [Fact]
    public void Pieces_Scraps_AreDropped()
    {
        // 100 cells; 5 cells (fewer than 6); 8 cells of a mass of 0.03 and more; 6 cells of less than that.
        var region = Region((0, 0, 10, 10, 5), (20, 0, 5, 1, 5), (0, 20, 4, 2, 5), (20, 20, 3, 2, 0.001f));
        Assert.Equal(3, region.Pieces.Count);
        Assert.Equal(-1, region.Pieces.Of[Cell(20, 0)]);
        Assert.Equal([100, 8, 6], Enumerable.Range(0, 3).Select(p => region.Pieces.Cells(p).Length).OrderDescending());
        var lighter = Region((0, 0, 20, 10, 5), (20, 20, 3, 2, 0.001f)); // 6 x 0.5 of 200
        Assert.Equal(1, lighter.Pieces.Count);
        // What is there alone is no scrap, however small.
        Assert.Equal(1, Region((4, 4, 1, 1, 5)).Pieces.Count);
        Assert.Equal(0, Region().Pieces.Count);
    }

    [Fact]
    public void Clicks_OfPieces_BeginWithTheSurestCellAndSpread()
    {
        var region = Region((0, 0, 20, 4, 2), (0, 20, 6, 4, 2), (15, 2, 1, 1, 4), (3, 22, 1, 1, 3));
        int[] clicks = region.Clicks();
        Assert.Equal([Cell(15, 2), Cell(3, 22)], clicks.Take(2).OrderBy(c => c)); // one a piece before any second one
        int[] inFirst = [.. clicks.Where(c => c < Cell(0, 20))];
        Assert.True(inFirst.Length > 2);
        Assert.Equal(0, inFirst[1] % Side); // as far as can be from the first
        foreach (int a in inFirst)
            foreach (int b in inFirst.Where(b => b != a))
            {
                int dx = a % Side - b % Side, dy = a / Side - b / Side;
                Assert.True(dx * dx + dy * dy >= 9, $"{a} and {b} are nearer than three cells");
            }
        Assert.All(clicks, c => Assert.True(region.Pieces.Of[c] >= 0));
        Assert.Equal(NameRegion.MostClicks, Region((0, 0, 32, 32, 2)).Clicks().Length);
        Assert.Empty(Region().Clicks());
    }

    [Fact]
    public void Sureness_OfAMask_IsTheMeanProbabilityInside()
    {
        var region = Region((0, 0, 4, 4, 2), (0, 4, 4, 4, -1));
        var mask = Enumerable.Repeat(-1f, Side * Side).ToArray();
        Assert.Equal(0, region.Sureness(mask));
        for (int y = 0; y < 8; y++) Array.Fill(mask, 1f, y * Side, 4);
        Assert.Equal((1 / (1 + Math.Exp(-2)) + 1 / (1 + Math.Exp(1))) / 2, region.Sureness(mask), 1e-6);
        Assert.Equal(1 / (1 + Math.Exp(-2)), region.MostSure(), 1e-6);
    }
}
