using SemanticSam.Masks;

namespace SemanticSam.Tests.Pure.Masks;

public class ClickFitTests
{
    private const int Height = 12, Width = 20;

    private static readonly PixelSize All = new(Height, Width);

    /// <summary>Logits of a box: 9 wide and 7 high, from (4, 2) on.</summary>
    private static float[] Box()
    {
        var logits = new float[Height * Width];
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++) logits[y * Width + x] = x is >= 4 and < 13 && y is >= 2 and < 9 ? 1 : -1;
        return logits;
    }

    [Fact]
    public void Of_ClickInTheMiddle_IsAsDeepAsAnyCell()
    {
        var fit = ClickFit.Of(Box(), Height, Width, All, [(8.5f, 5.5f)]);
        Assert.Equal((1, 0, 0, MathF.Log(9 / 7f)), (fit.Centered, fit.Offset, fit.Borders, fit.Aspect));
        Assert.InRange(fit.Filled, 0.97, 1); // corners are rounded between cells
        Assert.InRange(fit.Depth, 3.4 / 8, 3.8 / 8);
        Assert.Equal(fit.Depth, fit.Thickness);
    }

    [Fact]
    public void Of_ClickAtTheRimOutsideOrTwo_IsLessDeep()
    {
        var rim = ClickFit.Of(Box(), Height, Width, All, [(4.5f, 2.5f)]);
        Assert.InRange(rim.Centered, 0.1, 0.25);
        Assert.InRange(rim.Offset, 5 / 8.0, 5 / 7.8);
        Assert.Equal(0, ClickFit.Of(Box(), Height, Width, All, [(18.5f, 10.5f)]).Centered);
        Assert.Equal((1 + rim.Centered) / 2, ClickFit.Of(Box(), Height, Width, All, [(4.5f, 2.5f), (8.5f, 5.5f)]).Centered, 5);
    }

    [Fact]
    public void Of_MaskAtBorders_CountsThoseOfTheImage()
    {
        Assert.Equal(2, ClickFit.Of(Box(), Height, Width, new(9, 13), [(8.5f, 5.5f)]).Borders); // the rest is padding
        float[] all = Enumerable.Repeat(1f, Height * Width).ToArray();
        var fit = ClickFit.Of(all, Height, Width, All, [(10, 6)]);
        Assert.Equal((4, 1), (fit.Borders, MathF.Round(fit.Filled, 4)));
    }

    [Fact]
    public void Of_EmptyMask_IsNothing() =>
        Assert.Equal(new(0, 0, 0, ClickFit.MostOffset, 0, 0, 0), ClickFit.Of(new float[Height * Width], Height, Width, All, [(1, 1)]));

    /// <summary>Two prongs side by side: the way round the gap does not count, the cells in it are outside.</summary>
    [Fact]
    public void Of_MaskWithGap_MeasuresToTheGap()
    {
        float[] logits = Box();
        for (int y = 2; y < 9; y++) logits[y * Width + 8] = -1;
        var fit = ClickFit.Of(logits, Height, Width, All, [(6f, 5.5f)]);
        Assert.InRange(fit.Centered, 0.85, 1);
        Assert.InRange(fit.Thickness, 1.9 / 7.5, 2.3 / 7.5);
    }
}
