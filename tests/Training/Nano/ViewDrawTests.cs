using SemanticSam.Masks;
using SemanticSam.Tests.Support;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano;

namespace SemanticSam.Tests.Training.Nano;

/// <summary>How training samples see their image.</summary>
public class ViewDrawTests
{
    private const int Size = 256;

    private static readonly WholePartDataset Data = WholePartDataset.LoadSplit(Path.Combine(Fixtures.Own, "wholepart"), "train");

    private static NanoSampleOptions Options => new() { Size = Size, TurnShare = 0, Stretch = 0 };

    [Fact]
    public void Draw_FromNear_AThingFillsAGoodPartOfTheCanvas()
    {
        var options = Options with { CloseShare = 1 };
        var draw = new ViewDraw(options);
        var random = new Random(2);
        int closest = 0;
        foreach (var image in Data.Images.Where(i => i.Annotations.Count > 0))
        {
            var (width, height) = (image.Annotations[0].Mask.Width, image.Annotations[0].Mask.Height);
            var view = draw.Draw(image, width, height, random);
            double zoom = Math.Abs(1 / view.A) * Math.Max(width, height) / Size;
            Assert.InRange(zoom, 1, options.MostClose + 1e-6);
            if (zoom > 1 + 1e-6 && zoom < options.MostClose - 1e-6)
                Assert.Contains(image.Annotations, a => Fills(view, a.Mask.Bounds) && IsSeen(view, a.Mask.Bounds));
            if (zoom > options.Zoom.Most) closest++;
        }
        Assert.True(closest > 0);

        bool Fills(CanvasView view, BoxI box)
        {
            double share = Math.Abs(1 / view.A) * Math.Max(box.Width, box.Height) / Size;
            return share > options.Fill.Least - 0.01 && share < options.Fill.Most + 0.01;
        }

        static bool IsSeen(CanvasView view, BoxI box)
        {
            var (x, y) = view.ToCanvas((box.Left + box.Right) / 2.0, (box.Top + box.Bottom) / 2.0);
            return x is >= 0 and <= Size && y is >= 0 and <= Size;
        }
    }

    [Fact]
    public void Draw_NeverFromNear_StaysWithinTheZoom()
    {
        var options = Options with { CloseShare = 0 };
        var draw = new ViewDraw(options);
        var random = new Random(2);
        foreach (var image in Data.Images.Where(i => i.Annotations.Count > 0))
        {
            var (width, height) = (image.Annotations[0].Mask.Width, image.Annotations[0].Mask.Height);
            Assert.InRange(Math.Abs(1 / draw.Draw(image, width, height, random).A) * Math.Max(width, height) / Size, options.Zoom.Least, options.Zoom.Most);
        }
    }
}
