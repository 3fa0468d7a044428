using System.Text;
using CsCheck;
using SemanticSam.Foundation.Characters;
using SemanticSam.TextEncoder.Tokenizer;

namespace SemanticSam.Tests.TextEncoder.Tokenizer;

public sealed class TextCleanerTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  A  Photo\tof\r\na CAT ", "a photo of a cat")]
    [InlineData("&lt;b&gt; &amp;amp; &NotEqualTilde; &copy 2020 &notit;", "<b> & \u2242\u0338 © 2020 ¬it;")]
    [InlineData("&amp;lt;", "<")] // ftfy repeats until nothing changes
    [InlineData("<b> &EACUTE;", "<b> &eacute;")] // with tags, ftfy leaves references to html.unescape, which knows no capitals
    [InlineData("BUNDESSTRA&SZLIG;E", "bundesstrasse")]
    [InlineData("&#x110000; &#1; &#131; &#13;x", "\uFFFD ƒ x")]
    [InlineData("sÃ³", "só")]
    [InlineData("âœ” No problems", "✔ no problems")]
    [InlineData("l’humanitÃ©", "l'humanité")]
    [InlineData("Ã la mode", "à la mode")]
    [InlineData("â€œlikeâ€\u009D thisâ€�", "\"like\" this�")]
    [InlineData("\x1b[36;44mI'm blue\x1b[0m", "i'm blue")]
    [InlineData("Ｕﾀｰﾝ", "uターン")]
    [InlineData("\uFB02u\uFB03e\uFB06", "fluffiest")]
    [InlineData("ΟΔΥΣΣΕΥΣ Σ ΑΣ'Σ", "οδυσσευς σ ασ'ς")]
    [InlineData("İSTANBUL", "i\u0307stanbul")]
    [InlineData("\U00010400", "\U00010428")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    public void Clean_KnownText_GivesTheReferenceResult(string text, string expected) => Assert.Equal(expected, TextCleaner.Clean(text));

    [Fact] // not a theory: lone surrogates do not survive a test's display name
    public void Clean_LoneSurrogates_BecomeReplacementCharacters() => Assert.Equal("\uFFFDx\uFFFD😀", TextCleaner.Clean("\uD83Dx\uDE00😀"));

    [Fact]
    public void Clean_LowerCaseAsciiWords_ChangesNothing()
        => Gen.Char['a', 'z'].Array[1, 12].Array[1, 6].Sample(words =>
        {
            string text = string.Join(' ', words.Select(w => new string(w)));
            Assert.Equal(text, TextCleaner.Clean(text));
        });

    [Fact]
    public void Clean_AnyText_LeavesNoControlsNorDoubledSpacesNorCapitals()
        => Gen.Char.Array[0, 40].Sample(chars =>
        {
            string clean = TextCleaner.Clean(new string(chars));
            Assert.DoesNotContain("  ", clean);
            Assert.Equal(clean.Trim(), clean);
            Assert.DoesNotContain(clean, c => c is < ' ' or '\u007F' or '\uFEFF' or >= 'A' and <= 'Z');
        });

    [Fact]
    public void Clean_AccentsWrittenAsMarks_AreComposed()
    {
        foreach (string word in new[] { "café", "ångström", "nẵng", "ḗ", "ǖ", "й", "ά", "가각갂" })
        {
            var marks = new StringBuilder();
            foreach (char c in word) Decompose(c, marks);
            Assert.Equal(word, TextCleaner.Clean(marks.ToString()));
        }

        static void Decompose(char c, StringBuilder to)
        {
            var table = CharacterTables.Instance.Decomposition;
            if (c is >= '가' and <= '힣')
            {
                int s = c - '가';
                to.Append((char)(0x1100 + s / 588)).Append((char)(0x1161 + s % 588 / 28));
                if (s % 28 != 0) to.Append((char)(0x11A7 + s % 28));
            }
            else if (table.TryGetValue(c, out var parts))
            {
                Decompose((char)parts.Left, to);
                to.Append((char)parts.Right);
            }
            else
            {
                to.Append(c);
            }
        }
    }
}
