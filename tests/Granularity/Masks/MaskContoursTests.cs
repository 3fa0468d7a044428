using CsCheck;
using SemanticSam.Masks;

namespace SemanticSam.Tests.Masks;

public sealed class MaskContoursTests
{
    [Fact]
    public void Trace_AnyMask_OutlinesFillToTheMaskAndItsArea() =>
        RleTests.GenMask.Sample(m =>
        {
            var (height, width, pixels) = m;
            Rle mask = Rle.FromBytes(pixels, height, width);
            IReadOnlyList<MaskContour> contours = MaskContours.Trace(mask);
            Assert.Equal(2L * mask.Area, contours.Sum(c => c.DoubledArea));
            Assert.Equal(mask.ToBytes(), Fill(contours, height, width));
        }, iter: 300);

    [Fact]
    public void Trace_Ring_IsAnOutlineAndAHole()
    {
        byte[] pixels = [1, 1, 1, 1, 0, 1, 1, 1, 1];
        IReadOnlyList<MaskContour> contours = MaskContours.Trace(Rle.FromBytes(pixels, 3, 3));
        Assert.Equal(2, contours.Count);
        Assert.False(contours[0].IsHole);
        Assert.Equal([(3, 0), (3, 3), (0, 3), (0, 0)], contours[0].Corners);
        Assert.True(contours[1].IsHole);
        Assert.Equal(-2, contours[1].DoubledArea);
    }

    [Fact]
    public void Trace_PixelsThatTouchAtACorner_AreTwoOutlines() =>
        Assert.Equal(2, MaskContours.Trace(Rle.FromBytes([1, 0, 0, 1], 2, 2)).Count);

    [Fact]
    public void Trace_EmptyMask_HasNone() => Assert.Empty(MaskContours.Trace(Rle.Empty(4, 5)));

    /// <summary>Even-odd filling: every vertical edge inverts what lies to its right.</summary>
    private static byte[] Fill(IReadOnlyList<MaskContour> contours, int height, int width)
    {
        var pixels = new byte[height * width];
        foreach (MaskContour contour in contours)
            for (int i = 0; i < contour.Corners.Count; i++)
            {
                var (x, y) = contour.Corners[i];
                var (nextX, nextY) = contour.Corners[(i + 1) % contour.Corners.Count];
                Assert.True((x == nextX) != (y == nextY), "corners differ in exactly one coordinate");
                if (x != nextX) continue;
                for (int row = Math.Min(y, nextY); row < Math.Max(y, nextY); row++)
                    for (int column = x; column < width; column++) pixels[row * width + column] ^= 1;
            }
        return pixels;
    }
}
