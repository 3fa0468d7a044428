using System.Collections.Concurrent;
using System.Text;
using SkiaSharp;

namespace SemanticSam.Imaging.Overlays;

/// <summary>
/// Which typeface draws a character of a label: the embedded DejaVu Sans where it can, so that labels look alike on every system, else a
/// font of the system. The embedded fonts cover Latin, Greek, Cyrillic, punctuation and arrows (Fonts/subset.py).
/// </summary>
internal static class LabelFonts
{
    // Typefaces are shared by all overlays and live as long as the process.
    private static readonly Lazy<SKTypeface> RegularFont = new(() => Embedded("regular.ttf")), BoldFont = new(() => Embedded("bold.ttf"));
    private static readonly ConcurrentDictionary<int, SKTypeface?> Others = new();

    /// <summary>For parts.</summary>
    public static SKTypeface Regular => RegularFont.Value;

    /// <summary>For wholes.</summary>
    public static SKTypeface Bold => BoldFont.Value;

    /// <summary>A typeface that has the character; null when neither the embedded fonts nor the system's have it.</summary>
    /// <param name="character">The character.</param>
    /// <param name="preferred"><see cref="Regular"/> or <see cref="Bold"/>.</param>
    public static SKTypeface? For(Rune character, SKTypeface preferred) =>
        preferred.Has(character.Value) ? preferred : Others.GetOrAdd(character.Value, SystemFonts.Shared.Find);

    /// <summary>Whether the typeface draws the character.</summary>
    public static bool Has(this SKTypeface typeface, int character)
    {
        using var font = new SKFont(typeface);
        return font.ContainsGlyph(character);
    }

    private static SKTypeface Embedded(string name)
    {
        using Stream font = typeof(LabelFonts).Assembly.GetManifestResourceStream(name)!;
        using SKData data = SKData.Create(font);
        return SKTypeface.FromData(data);
    }
}
