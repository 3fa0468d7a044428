using System.Runtime.InteropServices;

namespace SkiaSharp;

[StructLayout(LayoutKind.Sequential)]
internal struct CairoMatrix
{
    public double Xx, Yx, Xy, Yy, X0, Y0;
}

[StructLayout(LayoutKind.Sequential)]
internal struct CairoTextExtents
{
    public double XBearing, YBearing, Width, Height, XAdvance, YAdvance;
}

[StructLayout(LayoutKind.Sequential)]
internal struct CairoFontExtents
{
    public double Ascent, Descent, Height, MaxXAdvance, MaxYAdvance;
}

/// <summary>The part of cairo's C interface that the canvas needs. Names are cairo's own.</summary>
internal static partial class Cairo
{
    private const string Library = "libcairo.so.2";

    public const int FormatArgb32 = 0, OperatorSource = 1, OperatorOver = 2;
    public const int FillRuleWinding = 0, FillRuleEvenOdd = 1;
    public const int AntialiasNone = 1, AntialiasGray = 2;
    public const int HintStyleNone = 1, HintMetricsOff = 1;

    [LibraryImport(Library)] public static partial IntPtr cairo_image_surface_create_for_data(IntPtr data, int format, int width, int height, int stride);
    [LibraryImport(Library)] public static partial int cairo_surface_status(IntPtr surface);
    [LibraryImport(Library)] public static partial void cairo_surface_flush(IntPtr surface);
    [LibraryImport(Library)] public static partial void cairo_surface_destroy(IntPtr surface);

    [LibraryImport(Library)] public static partial IntPtr cairo_create(IntPtr surface);
    [LibraryImport(Library)] public static partial void cairo_destroy(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_save(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_restore(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_translate(IntPtr cr, double x, double y);
    [LibraryImport(Library)] public static partial void cairo_scale(IntPtr cr, double x, double y);
    [LibraryImport(Library)] public static partial void cairo_identity_matrix(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_device_to_user_distance(IntPtr cr, ref double dx, ref double dy);

    [LibraryImport(Library)] public static partial void cairo_set_operator(IntPtr cr, int value);
    [LibraryImport(Library)] public static partial void cairo_set_source_rgba(IntPtr cr, double red, double green, double blue, double alpha);
    [LibraryImport(Library)] public static partial void cairo_set_antialias(IntPtr cr, int value);
    [LibraryImport(Library)] public static partial void cairo_set_fill_rule(IntPtr cr, int value);
    [LibraryImport(Library)] public static partial void cairo_set_line_width(IntPtr cr, double width);
    [LibraryImport(Library)] public static partial void cairo_set_line_cap(IntPtr cr, int value);
    [LibraryImport(Library)] public static partial void cairo_set_line_join(IntPtr cr, int value);
    [LibraryImport(Library)] public static partial void cairo_set_miter_limit(IntPtr cr, double limit);

    [LibraryImport(Library)] public static partial void cairo_new_path(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_new_sub_path(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_move_to(IntPtr cr, double x, double y);
    [LibraryImport(Library)] public static partial void cairo_line_to(IntPtr cr, double x, double y);
    [LibraryImport(Library)] public static partial void cairo_curve_to(IntPtr cr, double x1, double y1, double x2, double y2, double x3, double y3);
    [LibraryImport(Library)] public static partial void cairo_close_path(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_rectangle(IntPtr cr, double x, double y, double width, double height);
    [LibraryImport(Library)] public static partial void cairo_arc(IntPtr cr, double x, double y, double radius, double from, double to);
    [LibraryImport(Library)] public static partial void cairo_fill(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_fill_preserve(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_stroke(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_paint(IntPtr cr);
    [LibraryImport(Library)] public static partial void cairo_clip(IntPtr cr);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial IntPtr cairo_toy_font_face_create(string family, int slant, int weight);

    [LibraryImport(Library)] public static partial void cairo_font_face_destroy(IntPtr face);
    [LibraryImport(Library)] public static partial IntPtr cairo_font_options_create();
    [LibraryImport(Library)] public static partial void cairo_font_options_destroy(IntPtr options);
    [LibraryImport(Library)] public static partial void cairo_font_options_set_antialias(IntPtr options, int value);
    [LibraryImport(Library)] public static partial void cairo_font_options_set_hint_style(IntPtr options, int value);
    [LibraryImport(Library)] public static partial void cairo_font_options_set_hint_metrics(IntPtr options, int value);
    [LibraryImport(Library)] public static partial IntPtr cairo_scaled_font_create(IntPtr face, in CairoMatrix font, in CairoMatrix device, IntPtr options);
    [LibraryImport(Library)] public static partial void cairo_scaled_font_destroy(IntPtr font);
    [LibraryImport(Library)] public static partial int cairo_scaled_font_status(IntPtr font);
    [LibraryImport(Library)] public static partial void cairo_scaled_font_extents(IntPtr font, out CairoFontExtents extents);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void cairo_scaled_font_text_extents(IntPtr font, string text, out CairoTextExtents extents);

    [LibraryImport(Library)] public static partial void cairo_set_font_face(IntPtr cr, IntPtr face);
    [LibraryImport(Library)] public static partial void cairo_set_font_matrix(IntPtr cr, in CairoMatrix matrix);
    [LibraryImport(Library)] public static partial void cairo_set_font_options(IntPtr cr, IntPtr options);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial void cairo_show_text(IntPtr cr, string text);
}
