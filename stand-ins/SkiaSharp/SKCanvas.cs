namespace SkiaSharp;

public class SKCanvas : SKObject
{
    private readonly SKBitmap _bitmap;
    private readonly bool _redFirst;
    private readonly IntPtr _surface;
    private int _saves = 1;

    public SKCanvas(SKBitmap bitmap)
    {
        ArgumentNullException.ThrowIfNull(bitmap);
        if (bitmap.ColorType is not (SKColorType.Rgba8888 or SKColorType.Bgra8888 or SKColorType.Rgb888x) || bitmap.AlphaType == SKAlphaType.Unpremul)
            throw new NotSupportedException($"Drawing on a bitmap of {bitmap.ColorType}, {bitmap.AlphaType} is not in this stand-in.");
        _bitmap = bitmap;
        // Cairo's pixels are B, G, R, A; on the other order it draws just as well, if it is given red for blue.
        _redFirst = bitmap.ColorType != SKColorType.Bgra8888;
        _surface = Cairo.cairo_image_surface_create_for_data(bitmap.GetPixels(), Cairo.FormatArgb32, bitmap.Width, bitmap.Height, bitmap.RowBytes);
        if (Cairo.cairo_surface_status(_surface) != 0) throw new Exception("Unable to draw on the bitmap.");
        Handle = Cairo.cairo_create(_surface);
    }

    public int SaveCount => _saves;

    public int Save()
    {
        Cairo.cairo_save(Handle);
        return _saves++;
    }

    public void Restore()
    {
        if (_saves == 1) return;
        _saves--;
        Cairo.cairo_restore(Handle);
    }

    public void Translate(float dx, float dy) => Cairo.cairo_translate(Handle, dx, dy);
    public void Scale(float s) => Scale(s, s);
    public void Scale(float sx, float sy) => Cairo.cairo_scale(Handle, sx, sy);
    public void ResetMatrix() => Cairo.cairo_identity_matrix(Handle);
    public void Flush() => Cairo.cairo_surface_flush(_surface);

    public void Clear(SKColor color)
    {
        Cairo.cairo_save(Handle);
        Cairo.cairo_set_operator(Handle, Cairo.OperatorSource);
        SetSource(color);
        Cairo.cairo_paint(Handle);
        Cairo.cairo_restore(Handle);
    }

    public void DrawLine(float x0, float y0, float x1, float y1, SKPaint paint)
    {
        ArgumentNullException.ThrowIfNull(paint);
        Cairo.cairo_new_path(Handle);
        Cairo.cairo_move_to(Handle, x0, y0);
        Cairo.cairo_line_to(Handle, x1, y1);
        Stroke(paint);
    }

    public void DrawRect(float x, float y, float w, float h, SKPaint paint) => DrawRect(SKRect.Create(x, y, w, h), paint);

    public void DrawRect(SKRect rect, SKPaint paint)
    {
        ArgumentNullException.ThrowIfNull(paint);
        Cairo.cairo_new_path(Handle);
        Cairo.cairo_rectangle(Handle, rect.Left, rect.Top, rect.Width, rect.Height);
        Paint(paint);
    }

    public void DrawRoundRect(SKRect rect, float rx, float ry, SKPaint paint)
    {
        ArgumentNullException.ThrowIfNull(paint);
        double r = Math.Min(Math.Min(rx, ry), Math.Min(rect.Width, rect.Height) / 2);
        Cairo.cairo_new_path(Handle);
        Cairo.cairo_new_sub_path(Handle);
        Cairo.cairo_arc(Handle, rect.Right - r, rect.Top + r, r, -Math.PI / 2, 0);
        Cairo.cairo_arc(Handle, rect.Right - r, rect.Bottom - r, r, 0, Math.PI / 2);
        Cairo.cairo_arc(Handle, rect.Left + r, rect.Bottom - r, r, Math.PI / 2, Math.PI);
        Cairo.cairo_arc(Handle, rect.Left + r, rect.Top + r, r, Math.PI, Math.PI * 1.5);
        Cairo.cairo_close_path(Handle);
        Paint(paint);
    }

    public void DrawCircle(float cx, float cy, float radius, SKPaint paint)
    {
        ArgumentNullException.ThrowIfNull(paint);
        Cairo.cairo_new_path(Handle);
        Cairo.cairo_new_sub_path(Handle);
        Cairo.cairo_arc(Handle, cx, cy, radius, 0, 2 * Math.PI);
        Cairo.cairo_close_path(Handle);
        Paint(paint);
    }

    public void DrawPath(SKPath path, SKPaint paint)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(paint);
        path.Trace(Handle);
        Cairo.cairo_set_fill_rule(Handle, path.FillType == SKPathFillType.EvenOdd ? Cairo.FillRuleEvenOdd : Cairo.FillRuleWinding);
        Paint(paint);
    }

    public void DrawText(string text, float x, float y, SKTextAlign textAlign, SKFont font, SKPaint paint)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(font);
        ArgumentNullException.ThrowIfNull(paint);
        float shift = textAlign switch { SKTextAlign.Left => 0, SKTextAlign.Center => font.MeasureText(text) / 2, _ => font.MeasureText(text) };
        IntPtr options = FontOptions.Create();
        Cairo.cairo_set_font_face(Handle, font.Typeface.Handle);
        Cairo.cairo_set_font_matrix(Handle, font.Matrix);
        Cairo.cairo_set_font_options(Handle, options);
        Cairo.cairo_font_options_destroy(options);
        Cairo.cairo_new_path(Handle);
        Cairo.cairo_move_to(Handle, x - shift, y);
        SetSource(paint.Color);
        Cairo.cairo_show_text(Handle, text);
        Finish();
    }

    private void Paint(SKPaint paint)
    {
        if (paint.Style == SKPaintStyle.Stroke)
        {
            Stroke(paint);
            return;
        }
        Prepare(paint);
        if (paint.Style == SKPaintStyle.Fill) Cairo.cairo_fill(Handle);
        else
        {
            Cairo.cairo_fill_preserve(Handle);
            Stroke(paint);
        }
        Finish();
    }

    private void Stroke(SKPaint paint)
    {
        Prepare(paint);
        double width = paint.StrokeWidth;
        if (width <= 0)
        {
            double across = 0; // a hairline is one pixel of the device, whatever the scale
            width = 1;
            Cairo.cairo_device_to_user_distance(Handle, ref width, ref across);
        }
        Cairo.cairo_set_line_width(Handle, width);
        Cairo.cairo_set_line_cap(Handle, (int)paint.StrokeCap);
        Cairo.cairo_set_line_join(Handle, (int)paint.StrokeJoin);
        Cairo.cairo_set_miter_limit(Handle, paint.StrokeMiter);
        Cairo.cairo_stroke(Handle);
        Finish();
    }

    private void Prepare(SKPaint paint)
    {
        Cairo.cairo_set_antialias(Handle, paint.IsAntialias ? Cairo.AntialiasGray : Cairo.AntialiasNone);
        SetSource(paint.Color);
    }

    private void SetSource(SKColor c)
    {
        var (first, last) = _redFirst ? (c.Blue, c.Red) : (c.Red, c.Blue);
        Cairo.cairo_set_source_rgba(Handle, first / 255.0, c.Green / 255.0, last / 255.0, c.Alpha / 255.0);
    }

    // Reading the pixels needs nothing more with an image surface, but cairo asks for the call.
    private void Finish()
    {
        Cairo.cairo_surface_flush(_surface);
        GC.KeepAlive(_bitmap);
    }

    internal override void Free()
    {
        if (Handle != IntPtr.Zero) Cairo.cairo_destroy(Handle);
        if (_surface != IntPtr.Zero) Cairo.cairo_surface_destroy(_surface);
    }
}
