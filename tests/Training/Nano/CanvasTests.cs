using SemanticSam.Imaging;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

public sealed class CanvasTests
{
    private static readonly WholePartDataset Data = WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "train");

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(-1.5, 0.7, 0.2)]
    public void View_ToSourceAndBack_IsTheSamePoint(double scaleX, double scaleY, double angle)
    {
        var view = CanvasView.Create((30, 40), (100, 60), scaleX, scaleY, angle);
        Assert.Equal((30, 40), Rounded(view.ToSource(100, 60)));
        var (x, y) = view.ToCanvas(17, 23);
        Assert.Equal((17, 23), Rounded(view.ToSource(x, y)));

        static (double, double) Rounded((double X, double Y) p) => (Math.Round(p.X, 9), Math.Round(p.Y, 9));
    }

    [Fact]
    public void See_Unscaled_HasTheAreaOfTheAnnotation()
    {
        var image = Data.Images.First(i => i.Annotations.Any(a => a.Mask.Area > 2000));
        var annotation = image.Annotations.First(a => a.Mask.Area > 2000);
        var mask = CanvasMask.See(annotation, CanvasView.Create((0, 0), (0, 0), 1, 1, 0), 256)!;
        Assert.Equal(annotation.Mask.Area / 4.0, mask.Area, annotation.Mask.Area * 0.05);
        var (x, y) = mask.Innermost();
        Assert.True(mask.Contains(x, y));
        Assert.Equal(mask.Area, mask.Halved().Sum(b => b));
        var random = new Random(2);
        for (int i = 0; i < 20; i++)
        {
            var (dx, dy) = mask.Deep(random);
            Assert.True(mask.Contains(dx, dy));
        }
    }

    [Fact]
    public void Erase_UnderAnother_LeavesNoOverlap()
    {
        var image = Data.Images.First(i => i.Annotations.Count > 3);
        var masks = image.Annotations.Select(a => CanvasMask.See(a, CanvasView.Create((0, 0), (0, 0), 1, 1, 0), 256)).OfType<CanvasMask>().ToArray();
        var over = masks.MaxBy(m => m.Area)!;
        foreach (var mask in masks.Where(m => m != over))
        {
            mask.Erase(over);
            for (int y = 0; y < 256; y++)
                for (int x = 0; x < 256; x++) Assert.False(mask.Contains(x, y) && over.Contains(x, y));
        }
    }

    [Fact]
    public void Draw_Prompts_LieInTheMasksTheyMean()
    {
        var image = Data.Images.MaxBy(i => i.Annotations.Count)!;
        var masks = image.Annotations.Select(a => CanvasMask.See(a, CanvasView.Create((0, 0), (0, 0), 0.5, 0.5, 0), 128)).OfType<CanvasMask>().ToList();
        var draw = new PlaceDraw(new NanoSampleOptions { Clicks = 12, Regions = 6 }, [0.025, 0.05, 0.085, 0.14, 0.27, 0.6]);
        var (clicks, regions, planes) = draw.Draw(masks, null, new Random(5));
        Assert.Equal(12, clicks.Count);
        Assert.Equal(6, regions.Count);
        foreach (var click in clicks)
        {
            Assert.Equal(click.Masks.Count, click.Levels.Distinct().Count());
            foreach (var point in click.Points)
                if (point.Inside) Assert.True(planes[click.Masks[0]].Plane[(int)(point.Y / 4) * 64 + (int)(point.X / 4)] > 0);
        }
        Assert.All(regions, r => Assert.True(r.Box![2] > 0 && r.Box[3] > 0));
    }

    [Fact]
    public void Draw_PictureSeenFromFar_ShowsMeansNotSinglePixels()
    {
        const int Side = 640, Canvas = 64;
        var image = new RgbImage(Side, Side);
        for (int y = 0; y < Side; y++)
            for (int x = 0; x < Side; x++)
                // five fields a canvas pixel, which begins in the middle of one
                for (int c = 0; c < 3; c++) image.Pixels[(y * Side + x) * 3 + c] = (byte)((x / 2 + y / 2) % 2 * 255);
        var canvas = new CanvasPixels(Canvas);
        var color = CanvasColor.Draw(new Random(1));
        var (low, _, _) = color.Apply(64, 64, 64);
        var (high, _, _) = color.Apply(192, 192, 192);
        canvas.Draw(image, CanvasView.Create((Side / 2.0, Side / 2.0), (Canvas / 2.0, Canvas / 2.0), (double)Canvas / Side, (double)Canvas / Side, 0), color);
        int middle = 3 * (Canvas / 2 * Canvas + Canvas / 2);
        Assert.InRange((int)canvas.Bytes[middle], (int)Math.Min(low, high) - 1, (int)Math.Max(low, high) + 1);
    }

    [Fact]
    public void Pixels_Padding_IsInvalidAndTheMeanOfTheChannels()
    {
        var pixels = new CanvasPixels(64);
        var photo = new RgbImage(32, 32);
        pixels.Draw(photo, CanvasView.Create((0, 0), (0, 0), 1, 1, 0), default);
        Assert.Equal(16 * 16, pixels.Valid.Sum(v => v));
        Assert.Equal(103, pixels.Bytes[^3]);
    }
}
