using SemanticSam.Formats;
using SemanticSam.Masks;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

/// <summary>Where a mask of a training canvas is clicked, and the nearly right masks that are made of it.</summary>
public sealed class CanvasMaskTests
{
    private const int Grid = 32;

    /// <summary>The cells of a rectangle without those of another, on a canvas that shows the image as it is.</summary>
    private static CanvasMask Mask(BoxI cells, BoxI? hole = null)
    {
        const int Side = Grid * CanvasMask.Cell;
        BoxI Pixels(BoxI box) =>
            new(box.Left * CanvasMask.Cell, box.Top * CanvasMask.Cell, box.Right * CanvasMask.Cell, box.Bottom * CanvasMask.Cell);
        byte[] bits = Rle.FromBox(Side, Side, Pixels(cells)).ToBytes();
        if (hole is { } without)
            foreach (var (i, bit) in Rle.FromBox(Side, Side, Pixels(without)).ToBytes().Index())
                if (bit != 0) bits[i] = 0;
        return CanvasMask.See(new Annotation { Mask = Rle.FromBytes(bits, Side, Side) }, CanvasView.Create((0, 0), (0, 0), 1, 1, 0), Grid)!;
    }

    private static string[] Rows(byte[] plane, BoxI box) =>
        [.. plane.Chunk(Grid).Skip(box.Top).Take(box.Height).Select(r => string.Concat(r[box.Left..box.Right].Select(b => b != 0 ? '#' : '.')))];

    [Fact]
    public void Tight_AfterSomethingWasErased_IsWhatIsLeft()
    {
        var mask = Mask(new(4, 6, 20, 12));
        Assert.Equal((4, 6, 20, 12), mask.Tight());
        Assert.Equal(Math.Sqrt(16 * 6) / Grid, mask.Size, 9);
        mask.Erase(Mask(new(0, 0, 10, 32)));
        Assert.Equal((10, 6, 20, 12), mask.Tight());
        Assert.Equal(60, mask.Area);
        Assert.InRange(mask.Innermost().X, 12, 17);
    }

    [Fact]
    public void Innermost_OfAMaskWithAHole_LiesWhereItIsThickest()
    {
        // A frame whose left side is 9 cells thick and the others 2.
        var mask = Mask(new(2, 2, 28, 24), hole: new(11, 4, 26, 22));
        var (x, y) = mask.Innermost();
        Assert.InRange(x, 5, 7);
        Assert.InRange(y, 6, 19);
    }

    /// <summary>Clicks of people lie inside, seldom at the border: they are drawn by the squared distance from it.</summary>
    [Fact]
    public void Deep_ManyDraws_FollowTheSquaredDistanceFromTheBorder()
    {
        var mask = Mask(new(4, 10, 27, 15)); // 5 rows: distances 3, 6, 9, 6, 3
        var random = new Random(7);
        var rows = new int[5];
        for (int i = 0; i < 20_000; i++)
        {
            var (x, y) = mask.Deep(random);
            if (x is >= 8 and < 23) rows[y - 10]++; // where the ends are far
        }
        double sum = rows.Sum();
        foreach (var (row, expected) in new[] { 9.0, 36, 81, 36, 9 }.Index())
            Assert.Equal(expected / 171, rows[row] / sum, 0.02);
    }

    [Fact]
    public void Disturbed_Mask_IsMovedGrownAndShrunk()
    {
        var mask = Mask(new(10, 10, 14, 12));
        var around = new BoxI(8, 8, 18, 16);
        Assert.Equal(["..........", "..........", "..........", ".....####.", ".....####.", "..........", "..........", ".........."],
            Rows(mask.Disturbed(3, 1, 0, 0, new Random(1)), around));
        Assert.Equal(["..........", "..####....", ".######...", ".######...", "..####....", "..........", "..........", ".........."],
            Rows(mask.Disturbed(0, 0, 1, 0, new Random(1)), around));
        Assert.Equal(8, Mask(new(10, 10, 16, 14)).Disturbed(0, 0, -1, 0, new Random(1)).Sum(b => b)); // 4 x 2 of 6 x 4
        Assert.Equal(4, mask.Disturbed(-12, 0, 0, 0, new Random(1)).Sum(b => b)); // half of it is beyond the canvas
    }

    [Fact]
    public void Disturbed_Cut_TakesOneSideAway()
    {
        var mask = Mask(new(8, 8, 16, 16));
        var seen = new HashSet<string>();
        var random = new Random(3);
        for (int i = 0; i < 40; i++)
        {
            byte[] cut = mask.Disturbed(0, 0, 0, 0.25, random);
            Assert.Equal(48, cut.Sum(b => b));
            seen.Add(string.Join('/', Rows(cut, new(8, 8, 16, 16))));
        }
        Assert.Equal(4, seen.Count); // any of the four
    }

    [Fact]
    public void Halved_Mask_CountsQuarters()
    {
        byte[] half = Mask(new(3, 4, 7, 7)).Halved();
        Assert.Equal<byte>([2, 4, 2], half[(2 * Grid / 2 + 1)..(2 * Grid / 2 + 4)]);
        Assert.Equal<byte>([1, 2, 1], half[(3 * Grid / 2 + 1)..(3 * Grid / 2 + 4)]);
        Assert.Equal(12, half.Sum(b => b));
    }
}
