using SemanticSam.Masks;
using SkiaSharp;

namespace SemanticSam.Imaging.Overlays;

/// <summary>Strokes and letters on one overlay, sized to the image.</summary>
internal sealed class OverlayPen
{
    private static readonly SKColor Positive = new(0x2E, 0xCC, 0x40), Negative = new(0xFF, 0x41, 0x36), Casing = new(0, 0, 0, 140);

    private readonly SKCanvas _canvas;
    private readonly int _width, _height;

    // One unit is a pixel in an image of 640 x 480.
    private readonly float _unit, _letters;

    public OverlayPen(SKCanvas canvas, int width, int height, float scale)
    {
        _canvas = canvas;
        _width = width;
        _height = height;
        float size = MathF.Sqrt((float)width * height) / 554;
        _unit = Math.Max(size, 0.5f) * scale;
        _letters = Math.Max(13 * size, 10) * scale;
    }

    /// <summary>A colored line on a dark one, so that it is seen on any ground; whole outlines are twice as thick as those of parts.</summary>
    public void Outline(IReadOnlyList<Contour> contours, SKColor color, bool isPart)
    {
        using var builder = new SKPathBuilder();
        foreach (Contour contour in contours) builder.AddPoly(Rounded(contour.Points), close: true);
        using SKPath path = builder.Detach();
        float thickness = (isPart ? 1.2f : 3f) * _unit;
        Stroke(path, Casing, thickness + _unit);
        Stroke(path, color, thickness);
    }

    public void Box(BoxF box)
    {
        using var builder = new SKPathBuilder();
        builder.AddPoly([new(box.X1, box.Y1), new(box.X2, box.Y1), new(box.X2, box.Y2), new(box.X1, box.Y2)], close: true);
        using SKPath path = builder.Detach();
        Stroke(path, SKColors.Black, 3.4f * _unit);
        Stroke(path, SKColors.White, 1.6f * _unit);
    }

    public void Point(float x, float y, bool positive)
    {
        float radius = PointRadius;
        using var paint = new SKPaint { IsAntialias = true, Color = Casing };
        _canvas.DrawCircle(x, y, radius + 0.8f * _unit, paint);
        paint.Color = SKColors.White;
        _canvas.DrawCircle(x, y, radius, paint);
        paint.Color = positive ? Positive : Negative;
        _canvas.DrawCircle(x, y, radius - 1.4f * _unit, paint);
        paint.Color = SKColors.White;
        paint.Style = SKPaintStyle.Stroke;
        paint.StrokeWidth = 1.5f * _unit;
        float arm = radius * 0.45f;
        _canvas.DrawLine(x - arm, y, x + arm, y, paint);
        if (positive) _canvas.DrawLine(x, y - arm, x, y + arm, paint);
    }

    /// <summary>Large masks choose first; a label that finds no room near its mask is left out.</summary>
    public void Labels(IReadOnlyList<int> largeFirst, IReadOnlyList<OverlayMask> masks, IReadOnlyList<(float X, float Y, bool Positive)> points)
    {
        var room = new OverlayLabels(_width, _height, 1.5f * _unit);
        foreach (var (x, y, _) in points) room.Reserve(SKRect.Create(x - PointRadius, y - PointRadius, 2 * PointRadius, 2 * PointRadius));
        var placed = new List<(LabelText Text, SKRect Place, (float X, float Y) Anchor, SKColor Color)>();
        foreach (int i in largeFirst)
        {
            if (masks[i].Text is not { } words) continue;
            LabelText text = masks[i].IsPart ? new(words, LabelFonts.Regular, _letters * 0.9f) : new(words, LabelFonts.Bold, _letters);
            float width = text.Width + 2 * Padding, height = text.Ascent + text.Descent + Padding;
            var anchor = OverlayAnchor.Find(masks[i].Mask);
            BoxI box = masks[i].Mask.Bounds;
            if (room.Place(width, height, anchor, new(box.Left, box.Top, box.Right, box.Bottom)) is { } place)
                placed.Add((text, place, anchor, OverlayColors.Of(i)));
        }
        foreach (var (_, place, anchor, color) in placed) Leader(place, anchor, color);
        foreach (var (text, place, _, color) in placed) Label(text, place, color);
    }

    private float Padding => _letters * 0.3f;

    private float PointRadius => 6 * _unit;

    /// <summary>A line from a label that stands apart to the middle of its mask.</summary>
    private void Leader(SKRect place, (float X, float Y) anchor, SKColor color)
    {
        float x = Math.Clamp(anchor.X, place.Left, place.Right), y = Math.Clamp(anchor.Y, place.Top, place.Bottom);
        if (x == anchor.X && y == anchor.Y) return;
        using var builder = new SKPathBuilder();
        builder.MoveTo(x, y);
        builder.LineTo(anchor.X, anchor.Y);
        using SKPath path = builder.Detach();
        Stroke(path, Casing, 2.4f * _unit);
        Stroke(path, color, 1.2f * _unit);
        using var dot = new SKPaint { IsAntialias = true, Color = color };
        _canvas.DrawCircle(anchor.X, anchor.Y, 2 * _unit, dot);
    }

    private void Label(LabelText text, SKRect place, SKColor color)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = color.WithAlpha(235) };
        float corner = Padding * 0.6f;
        _canvas.DrawRoundRect(place, corner, corner, paint);
        text.Draw(_canvas, place.Left + Padding, place.MidY + (text.Ascent - text.Descent) / 2, OverlayColors.TextOn(color));
    }

    private void Stroke(SKPath path, SKColor color, float thickness)
    {
        using var paint = new SKPaint
        {
            IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = thickness, StrokeJoin = SKStrokeJoin.Round,
            StrokeCap = SKStrokeCap.Round, Color = color,
        };
        _canvas.DrawPath(path, paint);
    }

    /// <summary>Cuts every corner half a pixel from its end: staircases become slopes, straight borders stay where they are.</summary>
    private static SKPoint[] Rounded(IReadOnlyList<(int X, int Y)> corners)
    {
        var points = new List<SKPoint>(corners.Count * 2);
        for (int i = 0; i < corners.Count; i++)
        {
            var (x, y) = corners[i];
            var (nextX, nextY) = corners[(i + 1) % corners.Count];
            int dx = Math.Sign(nextX - x), dy = Math.Sign(nextY - y);
            points.Add(new(x + dx * 0.5f, y + dy * 0.5f));
            if (Math.Abs(nextX - x) + Math.Abs(nextY - y) > 1) points.Add(new(nextX - dx * 0.5f, nextY - dy * 0.5f));
        }
        return [.. points];
    }
}
