namespace SkiaSharp;

public class SKTypeface : SKObject
{
    private SKTypeface(string familyName, int weight, SKFontStyleSlant slant)
    {
        FamilyName = familyName;
        FontWeight = weight;
        FontSlant = slant;
        Handle = Cairo.cairo_toy_font_face_create(familyName, (int)slant, weight >= (int)SKFontStyleWeight.SemiBold ? 1 : 0);
    }

    public static SKTypeface Default { get; } = new("sans-serif", (int)SKFontStyleWeight.Normal, SKFontStyleSlant.Upright);

    public string FamilyName { get; }
    public int FontWeight { get; }
    public SKFontStyleSlant FontSlant { get; }
    public bool IsBold => FontWeight >= (int)SKFontStyleWeight.SemiBold;
    public bool IsItalic => FontSlant != SKFontStyleSlant.Upright;

    public static SKTypeface FromFamilyName(string familyName) => FromFamilyName(familyName, SKFontStyleWeight.Normal, SKFontStyleWidth.Normal, SKFontStyleSlant.Upright);

    // Fontconfig, which cairo asks, gives its nearest family for an unknown one.
    public static SKTypeface FromFamilyName(string familyName, SKFontStyleWeight weight, SKFontStyleWidth width, SKFontStyleSlant slant) =>
        new(familyName ?? "sans-serif", (int)weight, slant);

    internal override void Free()
    {
        // The default is shared and lives as long as the program.
        if (!ReferenceEquals(this, Default)) Cairo.cairo_font_face_destroy(Handle);
    }
}

public partial struct SKFontMetrics
{
    public float Top { get; internal set; }
    public float Ascent { get; internal set; }
    public float Descent { get; internal set; }
    public float Bottom { get; internal set; }
    public float Leading { get; internal set; }
}

public class SKFont : SKObject
{
    public SKFont() : this(SKTypeface.Default) { }

    public SKFont(SKTypeface typeface, float size = 12f, float scaleX = 1f, float skewX = 0f)
    {
        Typeface = typeface ?? SKTypeface.Default;
        Size = size;
        ScaleX = scaleX;
        SkewX = skewX;
    }

    public SKTypeface Typeface { get; set; }
    public float Size { get; set; }
    public float ScaleX { get; set; }
    public float SkewX { get; set; }
    public float Spacing => Metrics.Descent - Metrics.Ascent + Metrics.Leading;

    public SKFontMetrics Metrics
    {
        get
        {
            CairoFontExtents extents = default;
            WithScaledFont(font => Cairo.cairo_scaled_font_extents(font, out extents));
            float ascent = (float)-extents.Ascent, descent = (float)extents.Descent;
            return new()
            {
                Top = ascent,
                Ascent = ascent,
                Descent = descent,
                Bottom = descent,
                Leading = (float)Math.Max(0, extents.Height - extents.Ascent - extents.Descent),
            };
        }
    }

    public float MeasureText(string text, SKPaint paint = null) => (float)Extents(text).XAdvance;

    public float MeasureText(string text, out SKRect bounds, SKPaint paint = null)
    {
        CairoTextExtents e = Extents(text);
        bounds = SKRect.Create((float)e.XBearing, (float)e.YBearing, (float)e.Width, (float)e.Height);
        return (float)e.XAdvance;
    }

    internal CairoMatrix Matrix => new() { Xx = Size * ScaleX, Xy = Size * -SkewX, Yy = Size };

    private CairoTextExtents Extents(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        CairoTextExtents extents = default;
        WithScaledFont(font => Cairo.cairo_scaled_font_text_extents(font, text, out extents));
        return extents;
    }

    private void WithScaledFont(Action<IntPtr> use)
    {
        IntPtr options = FontOptions.Create();
        IntPtr font = Cairo.cairo_scaled_font_create(Typeface.Handle, Matrix, new CairoMatrix { Xx = 1, Yy = 1 }, options);
        Cairo.cairo_font_options_destroy(options);
        if (Cairo.cairo_scaled_font_status(font) == 0) use(font);
        Cairo.cairo_scaled_font_destroy(font);
        GC.KeepAlive(Typeface);
    }
}

internal static class FontOptions
{
    /// <summary>Unhinted grey glyphs, whose advances scale with the size.</summary>
    public static IntPtr Create()
    {
        IntPtr options = Cairo.cairo_font_options_create();
        Cairo.cairo_font_options_set_antialias(options, Cairo.AntialiasGray);
        Cairo.cairo_font_options_set_hint_style(options, Cairo.HintStyleNone);
        Cairo.cairo_font_options_set_hint_metrics(options, Cairo.HintMetricsOff);
        return options;
    }
}
