using System.Text;
using SemanticSam.Imaging.Overlays;
using SkiaSharp;
using Xunit.Abstractions;

namespace SemanticSam.Tests.Pure.Imaging.Overlays;

public sealed class LabelTextTests(ITestOutputHelper output)
{
    /// <summary>Share of pixels that are not white, in each character's part of a drawn label.</summary>
    private static double[] Ink(string text, SKTypeface typeface)
    {
        const float size = 40;
        return [.. text.EnumerateRunes().Select(r =>
        {
            var label = new LabelText(r.ToString(), typeface, size);
            using var bitmap = new SKBitmap(120, 60);
            using var canvas = new SKCanvas(bitmap);
            canvas.Clear(SKColors.White);
            label.Draw(canvas, 10, 45, SKColors.Black);
            canvas.Flush();
            return bitmap.Pixels.Count(p => p != SKColors.White) / (size * size);
        })];
    }

    [Theory]
    [InlineData("AZaz09.,!?&@%")]
    [InlineData("ÄöüßéèçñøåþÐŁőžşğİıŒœẤựỹ")]
    [InlineData("ΑΩαωάήϋ")]
    [InlineData("АЯаяЁёЇіґқөү")]
    [InlineData("–—“”„…‰€₽№→←↑↓")]
    public void Draw_LatinGreekCyrillic_EveryCharacterHasInk(string text)
    {
        foreach (SKTypeface typeface in new[] { LabelFonts.Regular, LabelFonts.Bold })
        {
            Assert.All(text.EnumerateRunes(), r => Assert.True(typeface.Has(r.Value), $"{r} is not embedded"));
            Assert.All(Ink(text, typeface), share => Assert.InRange(share, 0.005, 0.6));
        }
    }

    /// <summary>Where the system has a font for the script, it is used; without one a box stands for the character. Never nothing.</summary>
    [Theory]
    [InlineData("Chinese", "汽车轮")]
    [InlineData("Japanese", "くるま車")]
    [InlineData("Korean", "자동차")]
    [InlineData("emoji", "🚗😀")]
    public void Draw_OtherScripts_EveryCharacterHasInk(string script, string text)
    {
        int found = text.EnumerateRunes().Count(r => LabelFonts.For(r, LabelFonts.Regular) is not null);
        output.WriteLine($"{script}: the fonts of this system have {found} of {text.EnumerateRunes().Count()} characters");
        Assert.All(Ink(text, LabelFonts.Regular), share => Assert.InRange(share, 0.005, 1.5));
    }

    /// <summary>Skipped, with the reason, where the system's fonts have none of the characters.</summary>
    [SkippableTheory]
    [InlineData("汽车轮", "fonts-noto-cjk")]
    [InlineData("くるま", "fonts-noto-cjk")]
    [InlineData("자동차", "fonts-noto-cjk")]
    [InlineData("🚗😀", "fonts-noto-color-emoji")]
    public void Draw_CharactersOfASystemFont_AreNotBoxes(string text, string package)
    {
        Rune[] known = [.. text.EnumerateRunes().Where(r => LabelFonts.For(r, LabelFonts.Regular) is not null)];
        Skip.If(known.Length == 0, $"No font of this system has a character of {text}; {package} does.");
        double box = Ink("\U0010FFFD", LabelFonts.Regular)[0];
        Assert.All(known, r => Assert.NotEqual(box, Ink(r.ToString(), LabelFonts.Regular)[0]));
    }

    [Fact]
    public void Draw_CharacterOfNoFont_IsABox()
    {
        const string nowhere = "\U0010FFFD"; // the last private character
        Assert.InRange(Ink(nowhere, LabelFonts.Regular)[0], 0.05, 0.3);
        var (one, three) = (new LabelText(nowhere, LabelFonts.Regular, 40), new LabelText(nowhere + nowhere + nowhere, LabelFonts.Regular, 40));
        Assert.Equal(3 * one.Width, three.Width, 1e-3);
    }

    [Fact]
    public void Width_MixedText_IsTheSumOfItsRuns()
    {
        float Width(string text) => new LabelText(text, LabelFonts.Regular, 40).Width;
        Assert.Equal(Width("ab") + Width("\U0010FFFD") + Width("cd"), Width("ab\U0010FFFDcd"), 1e-3);
        Assert.Equal(Width("ab"), Width("a\u200D\uFE0Fb"), 1e-3); // joiners and variation selectors take no room
        Assert.Equal(0, Width(""));
    }

    [SkippableFact]
    public void Find_FontFileInAFolder_IsFound()
    {
        SkipWhereSkiaKnowsFonts();
        string folder = Directory.CreateTempSubdirectory().FullName, below = Directory.CreateDirectory(Path.Combine(folder, "truetype", "own")).FullName;
        using (Stream font = typeof(LabelFonts).Assembly.GetManifestResourceStream("regular.ttf")!)
        using (var copy = File.Create(Path.Combine(below, "Plain.TTF"))) font.CopyTo(copy);
        File.WriteAllText(Path.Combine(folder, "broken.ttf"), "not a font");
        try
        {
            var fonts = new SystemFonts([folder, Path.Combine(folder, "missing")], TimeSpan.FromSeconds(30));
            Assert.True(fonts.Find('Ж')!.Has('Ж'));
            Assert.Null(fonts.Find(0x10FFFD));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SkippableFact]
    public void Find_NoTimeLeft_FindsNothing()
    {
        SkipWhereSkiaKnowsFonts();
        Assert.Null(new SystemFonts(["/usr/share/fonts"], TimeSpan.Zero).Find('Ж'));
    }

    private static void SkipWhereSkiaKnowsFonts() =>
        Skip.If(SKFontManager.Default.MatchCharacter('Ж') is not null, "Skia knows the fonts of this system; folders are not looked into.");
}
