namespace SkiaSharp;

public class SKPaint : SKObject
{
    public bool IsAntialias { get; set; }
    public SKPaintStyle Style { get; set; }
    public SKColor Color { get; set; } = SKColors.Black;
    public float StrokeWidth { get; set; }
    public float StrokeMiter { get; set; } = 4;
    public SKStrokeCap StrokeCap { get; set; }
    public SKStrokeJoin StrokeJoin { get; set; }

    public bool IsStroke
    {
        get => Style != SKPaintStyle.Fill;
        set => Style = value ? SKPaintStyle.Stroke : SKPaintStyle.Fill;
    }
}
