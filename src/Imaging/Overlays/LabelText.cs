using System.Globalization;
using System.Text;
using SkiaSharp;

namespace SemanticSam.Imaging.Overlays;

/// <summary>
/// The words of one label, split into runs of one typeface. What no font has is drawn as a box. Characters stand side by side from left to
/// right: scripts that join or reorder letters (Arabic, Devanagari) are legible but not shaped.
/// </summary>
internal sealed class LabelText
{
    // Shares of the font's size: the box that stands for a character, its stroke, and the space on either side of it.
    private const float BoxWidth = 0.5f, BoxHeight = 0.7f, BoxStroke = 0.07f, BoxMargin = 0.08f;

    private readonly List<(string Text, SKTypeface? Typeface, float Width)> _runs = [];
    private readonly float _size;

    /// <param name="text">The words.</param>
    /// <param name="typeface"><see cref="LabelFonts.Regular"/> or <see cref="LabelFonts.Bold"/>.</param>
    /// <param name="size">Font size in pixels.</param>
    public LabelText(string text, SKTypeface typeface, float size)
    {
        _size = size;
        using var font = new SKFont(typeface, size);
        (Ascent, Descent) = (-font.Metrics.Ascent, font.Metrics.Descent);
        var run = new StringBuilder();
        SKTypeface? current = typeface;
        foreach (Rune character in text.EnumerateRunes())
        {
            if (IsInvisible(character)) continue;
            bool stays = current is not null && KeepsTypeface(character) && current.Has(character.Value);
            SKTypeface? next = stays ? current : LabelFonts.For(character, typeface);
            if (next != current) EndRun(run, current);
            current = next;
            run.Append(character.ToString());
        }
        EndRun(run, current);
    }

    /// <summary>Pixels.</summary>
    public float Width => _runs.Sum(r => r.Width);

    /// <summary>Pixels above the baseline, of the embedded font, so that all labels are of one height.</summary>
    public float Ascent { get; }

    /// <summary>Pixels below the baseline, of the embedded font.</summary>
    public float Descent { get; }

    public void Draw(SKCanvas canvas, float x, float baseline, SKColor color)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = color };
        foreach (var (text, typeface, width) in _runs)
        {
            if (typeface is null) DrawBoxes(canvas, text, x, baseline, color);
            else
            {
                using var font = new SKFont(typeface, _size);
                canvas.DrawText(text, x, baseline, SKTextAlign.Left, font, paint);
            }
            x += width;
        }
    }

    private void EndRun(StringBuilder run, SKTypeface? typeface)
    {
        if (run.Length == 0) return;
        string text = run.ToString();
        run.Clear();
        _runs.Add((text, typeface, typeface is null ? text.EnumerateRunes().Count() * BoxAdvance : Measure(text, typeface)));
    }

    private float BoxAdvance => (BoxWidth + 2 * BoxMargin) * _size;

    private float Measure(string text, SKTypeface typeface)
    {
        using var font = new SKFont(typeface, _size);
        return font.MeasureText(text);
    }

    private void DrawBoxes(SKCanvas canvas, string text, float x, float baseline, SKColor color)
    {
        using var paint = new SKPaint { IsAntialias = true, Color = color, Style = SKPaintStyle.Stroke, StrokeWidth = BoxStroke * _size };
        foreach (Rune _ in text.EnumerateRunes())
        {
            canvas.DrawRect(x + BoxMargin * _size, baseline - BoxHeight * _size, BoxWidth * _size, BoxHeight * _size, paint);
            x += BoxAdvance;
        }
    }

    /// <summary>Joiners, variation selectors and the like, which fonts draw nothing for, or a box.</summary>
    private static bool IsInvisible(Rune character) =>
        Rune.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.Control
        || character.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    /// <summary>Accents go with the letter before them.</summary>
    private static bool KeepsTypeface(Rune character) =>
        Rune.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
}
