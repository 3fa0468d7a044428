using SkiaSharp;

namespace SemanticSam.Tests.StandIns.Skia;

public sealed class CanvasTests
{
    private static SKBitmap White(SKColorType type = SKColorType.Rgba8888)
    {
        var bitmap = new SKBitmap(new SKImageInfo(60, 40, type, SKAlphaType.Opaque));
        bitmap.Erase(SKColors.White);
        return bitmap;
    }

    [Theory]
    [InlineData(SKColorType.Rgba8888)]
    [InlineData(SKColorType.Bgra8888)]
    public void DrawRect_EitherByteOrder_HasTheColour(SKColorType type)
    {
        using SKBitmap bitmap = White(type);
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = new(10, 120, 230) };
        canvas.DrawRect(SKRect.Create(5, 5, 20, 10), paint);
        Assert.Equal(new SKColor(10, 120, 230), bitmap.GetPixel(5, 5));
        Assert.Equal(new SKColor(10, 120, 230), bitmap.GetPixel(24, 14));
        Assert.Equal(SKColors.White, bitmap.GetPixel(25, 15));
        Assert.Equal(SKColors.White, bitmap.GetPixel(4, 5));
    }

    [Fact]
    public void DrawRect_HalfTransparent_MixesWithWhatIsThere()
    {
        using SKBitmap bitmap = White();
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = new(0, 0, 0, 128) };
        canvas.DrawRect(0, 0, 60, 40, paint);
        SKColor mixed = bitmap.GetPixel(30, 20);
        Assert.InRange(mixed.Red, 126, 128);
        Assert.Equal(255, mixed.Alpha);
    }

    [Fact]
    public void DrawPath_EvenOddAndWinding_FillHolesDifferently()
    {
        SKColor Middle(SKPathFillType type)
        {
            using SKBitmap bitmap = White();
            using var canvas = new SKCanvas(bitmap);
            using var path = new SKPath { FillType = type };
            path.AddPoly([new(5, 5), new(50, 5), new(50, 35), new(5, 35)]);
            path.AddPoly([new(20, 15), new(40, 15), new(40, 25), new(20, 25)]);
            using var paint = new SKPaint { Color = SKColors.Red };
            canvas.DrawPath(path, paint);
            Assert.Equal(SKColors.Red, bitmap.GetPixel(10, 10));
            return bitmap.GetPixel(30, 20);
        }
        Assert.Equal(SKColors.White, Middle(SKPathFillType.EvenOdd));
        Assert.Equal(SKColors.Red, Middle(SKPathFillType.Winding));
    }

    [Fact]
    public void DrawLine_Stroke_HasItsWidthAndAntialiasingItsFringe()
    {
        using SKBitmap bitmap = White();
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColors.Black, Style = SKPaintStyle.Stroke, StrokeWidth = 5, IsAntialias = true };
        canvas.DrawLine(0, 20, 60, 20, paint);
        Assert.Equal(SKColors.Black, bitmap.GetPixel(30, 18));
        Assert.Equal(SKColors.Black, bitmap.GetPixel(30, 21));
        Assert.InRange(bitmap.GetPixel(30, 17).Red, 120, 135);
        Assert.Equal(SKColors.White, bitmap.GetPixel(30, 16));
    }

    [Fact]
    public void DrawCircle_Fill_CoversTheCircleOnly()
    {
        using SKBitmap bitmap = White();
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColors.Blue };
        canvas.DrawCircle(30, 20, 10, paint);
        Assert.Equal(SKColors.Blue, bitmap.GetPixel(30, 20));
        Assert.Equal(SKColors.Blue, bitmap.GetPixel(38, 20));
        Assert.Equal(SKColors.White, bitmap.GetPixel(38, 28));
    }

    [Fact]
    public void SaveAndRestore_Transform_IsUndone()
    {
        using SKBitmap bitmap = White();
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColors.Red };
        canvas.Save();
        canvas.Translate(20, 10);
        canvas.Scale(2);
        canvas.DrawRect(0, 0, 3, 3, paint);
        canvas.Restore();
        canvas.DrawRect(0, 0, 1, 1, paint);
        Assert.Equal(SKColors.Red, bitmap.GetPixel(25, 15));
        Assert.Equal(SKColors.White, bitmap.GetPixel(26, 16));
        Assert.Equal(SKColors.Red, bitmap.GetPixel(0, 0));
        Assert.Equal(1, canvas.SaveCount);
    }

    [Fact]
    public void DrawText_Aligned_PutsInkWhereItWasMeasured()
    {
        using var font = new SKFont(SKTypeface.FromFamilyName("DejaVu Sans"), 16);
        float advance = font.MeasureText("Hill", out SKRect bounds);
        Assert.InRange(advance, 15, 45);
        Assert.True(bounds.Top < -8 && bounds.Width > 10 && bounds.Width <= advance + 2);
        Assert.True(font.Metrics.Ascent < 0 && font.Metrics.Descent > 0 && font.Spacing > 14);
        Assert.Equal(2 * advance, new SKFont(font.Typeface, 32).MeasureText("Hill"), 0.5f);

        (int First, int Last) Ink(SKTextAlign align)
        {
            using SKBitmap bitmap = White();
            using var canvas = new SKCanvas(bitmap);
            using var paint = new SKPaint { Color = SKColors.Black, IsAntialias = true };
            canvas.DrawText("Hill", 30, 30, align, font, paint);
            int[] columns = [.. Enumerable.Range(0, 60).Where(x => Enumerable.Range(0, 40).Any(y => bitmap.GetPixel(x, y).Red < 128))];
            return (columns[0], columns[^1]);
        }
        Assert.InRange(Ink(SKTextAlign.Left).First, 30, 33);
        Assert.InRange(Ink(SKTextAlign.Right).Last, 25, 30);
        Assert.InRange((Ink(SKTextAlign.Center).First + Ink(SKTextAlign.Center).Last) / 2.0, 28, 32);
    }
}
