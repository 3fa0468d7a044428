using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Masks;
using SkiaSharp;

namespace SemanticSam.Tests.Pure.Imaging.Overlays;

public sealed class OverlayPainterTests
{
    private static readonly RgbImage Gray = Flat(320, 240, 128);

    private static RgbImage Flat(int width, int height, byte value)
    {
        var image = new RgbImage(width, height);
        image.Pixels.AsSpan().Fill(value);
        return image;
    }

    private static Rle Square(int left, int top, int size) => Rle.FromBox(240, 320, new(left, top, left + size, top + size));

    private static byte[] At(RgbImage image, int x, int y) => image.Row(y).Slice(x * 3, 3).ToArray();

    [Fact]
    public void Paint_OneMask_ColorsInsideAndLeavesOutside()
    {
        RgbImage painted = OverlayPainter.Paint(Gray, [new OverlayMask(Square(100, 80, 60))], options: new() { Labels = false });
        SKColor color = OverlayColors.Of(0);
        byte[] inside = At(painted, 130, 110);
        Assert.InRange(inside[0], (128 * 0.55 + color.Red * 0.45) - 2, (128 * 0.55 + color.Red * 0.45) + 2);
        Assert.InRange(inside[2], (128 * 0.55 + color.Blue * 0.45) - 2, (128 * 0.55 + color.Blue * 0.45) + 2);
        Assert.Equal([128, 128, 128], At(painted, 20, 20));
        Assert.Equal([128, 128, 128], At(Gray, 130, 110));
    }

    [Fact]
    public void Paint_WholeAndPart_OutlineOfTheWholeIsThicker()
    {
        int Changed(GranularityLevel level)
        {
            RgbImage painted = OverlayPainter.Paint(Gray, [new OverlayMask(Square(100, 80, 60), Level: level)],
                options: new() { Labels = false, FillOpacity = 0, Scale = 4 });
            SKColor color = OverlayColors.Of(0);
            return painted.Pixels.Chunk(3).Count(p => p[0] == color.Red && p[1] == color.Green && p[2] == color.Blue);
        }
        Assert.True(Changed(GranularityLevel.Whole) > 2 * Changed(GranularityLevel.Part),
            $"{Changed(GranularityLevel.Whole)} and {Changed(GranularityLevel.Part)}");
        Assert.True(Changed(GranularityLevel.Part) > 0);
    }

    [Fact]
    public void Paint_MaskOnAMask_TheSmallerOneIsSeen()
    {
        OverlayMask[] masks = [new(Square(140, 100, 20)), new(Square(100, 60, 100))];
        RgbImage painted = OverlayPainter.Paint(Gray, masks, options: new() { Labels = false });
        RgbImage alone = OverlayPainter.Paint(Gray, [masks[0]], options: new() { Labels = false });
        Assert.Equal(At(alone, 150, 110), At(painted, 150, 110));
    }

    /// <summary>The letters are black or white, the label's box and the image are neither.</summary>
    [Theory]
    [InlineData("car")]
    [InlineData("Öl Ωμέγα Щука")]
    [InlineData("汽车")]
    [InlineData("\U0010FFFD")]
    public void Paint_Label_IsWrittenAtTheMask(string name)
    {
        foreach (GranularityLevel level in (GranularityLevel[])[GranularityLevel.Whole, GranularityLevel.Part])
        {
            RgbImage without = OverlayPainter.Paint(Gray, [new OverlayMask(Square(100, 80, 60), name, null, level)],
                options: new() { Labels = false, Scale = 1.5f });
            RgbImage with = OverlayPainter.Paint(Gray, [new OverlayMask(Square(100, 80, 60), name, null, level)], options: new() { Scale = 1.5f });
            int[] changed = [.. Enumerable.Range(0, 320 * 240).Where(i => !At(with, i % 320, i / 320).SequenceEqual(At(without, i % 320, i / 320)))];
            Assert.True(changed.Length > 100);
            Assert.All(changed, i => Assert.True(i % 320 is > 20 and < 240 && i / 320 is > 60 and < 160));
            SKColor letters = OverlayColors.TextOn(OverlayColors.Of(0));
            int ink = changed.Count(i => At(with, i % 320, i / 320) is var p
                && Math.Abs(p[0] - letters.Red) + Math.Abs(p[1] - letters.Green) + Math.Abs(p[2] - letters.Blue) < 90);
            Assert.True(ink > 8, $"{ink} pixels of '{name}' are of the letters' color");
        }
    }

    [Fact]
    public void Paint_Prompts_AreMarked()
    {
        RgbImage painted = OverlayPainter.Paint(Gray, Array.Empty<OverlayMask>(), new()
        {
            Points = [(50, 60, true), (200, 60, false)], Boxes = [new(20, 100, 300, 220)],
        });
        byte[] positive = At(painted, 48, 58), negative = At(painted, 198, 58), box = At(painted, 160, 100);
        Assert.True(positive[1] > positive[0] && negative[0] > negative[1]);
        Assert.NotEqual([128, 128, 128], box);
    }

    [Fact]
    public void Paint_AtTheEdgesAndInTinyImages_DoesNotFail()
    {
        foreach (var (w, h) in new[] { (1, 1), (2, 300), (5, 5), (64, 40) })
        {
            Rle full = Rle.Full(h, w);
            OverlayMask[] masks = [new(full, "a rather long name for such an image", 0.5f), new(Rle.Empty(h, w), "none"), new(full)];
            RgbImage painted = OverlayPainter.Paint(Flat(w, h, 9), masks, new() { Points = [(-5, 900, true)], Boxes = [new(-10, -10, 5000, 5000)] });
            Assert.Equal((w, h), (painted.Width, painted.Height));
        }
    }

    [Fact]
    public void Paint_Twice_GivesTheSameImage()
    {
        OverlayMask[] masks = [.. Enumerable.Range(0, 12).Select(i => new OverlayMask(Square(20 * i, 10 * i, 60), $"thing {i}", 0.5f))];
        Assert.Equal(OverlayPainter.Paint(Gray, masks).Pixels, OverlayPainter.Paint(Gray, masks).Pixels);
    }

    [Fact]
    public void Paint_MaskOfAnotherSize_IsRefused() =>
        Assert.Contains("10 x 20", Assert.Throws<ArgumentException>(() => OverlayPainter.Paint(Gray, [new OverlayMask(Rle.Full(20, 10))])).Message);

    [Fact]
    public void From_Results_ComposesNameScoreAndThickness()
    {
        Rle mask = Square(0, 0, 5);
        OverlayMask part = OverlayMask.From(new() { Mask = mask, PredictedIou = 0.5f, Whole = new("car", 0.9f), Part = new("wheel", 0.83f) });
        Assert.Equal(("wheel 0.83", true), (part.Text, part.IsPart));
        OverlayMask whole = OverlayMask.From(new() { Mask = mask, PredictedIou = 0.5f, Whole = new("car", 0.9f), Level = GranularityLevel.Whole });
        Assert.Equal(("car 0.90", false), (whole.Text, whole.IsPart));
        OverlayMask level = OverlayMask.From(new() { Mask = mask, PredictedIou = 0.5f, Level = GranularityLevel.Detail });
        Assert.Equal(("detail 0.50", true), (level.Text, level.IsPart));
    }

    [Fact]
    public void Place_ManyLabels_NoneOverlapsNoneLeavesTheImage()
    {
        var room = new OverlayLabels(320, 240, 1);
        var places = new List<SKRect>();
        for (int i = 0; i < 60; i++)
            if (room.Place(50, 12, (i * 37 % 320, i * 53 % 240), SKRect.Create(i * 37 % 320 - 40, i * 53 % 240 - 40, 80, 80)) is { } place) places.Add(place);
        Assert.InRange(places.Count, 15, 320 * 240 / 5 / (50 * 12));
        for (int i = 0; i < places.Count; i++)
        {
            Assert.True(places[i].Left >= 0 && places[i].Top >= 0 && places[i].Right <= 320 && places[i].Bottom <= 240);
            for (int k = 0; k < i; k++) Assert.False(places[i].IntersectsWith(places[k]));
        }
    }

    [Fact]
    public void Of_FirstColors_AreFarApart()
    {
        for (int i = 0; i < 12; i++)
            for (int k = 0; k < i; k++)
            {
                SKColor a = OverlayColors.Of(i), b = OverlayColors.Of(k);
                int distance = Math.Abs(a.Red - b.Red) + Math.Abs(a.Green - b.Green) + Math.Abs(a.Blue - b.Blue);
                Assert.True(distance > 40, $"{i} {a} and {k} {b}");
            }
    }

    [Fact]
    public void Find_RingShapedMask_AnchorsOnTheMask()
    {
        Rle ring = Rle.FromBytes([.. Enumerable.Range(0, 240 * 320).Select(i =>
        {
            double r = Math.Sqrt(Math.Pow(i % 320 - 160, 2) + Math.Pow(i / 320 - 120, 2));
            return (byte)(r is > 60 and < 100 ? 1 : 0);
        })], 240, 320);
        var (x, y) = OverlayAnchor.Find(ring);
        Assert.True(ring.Contains((int)x, (int)y));
    }
}
