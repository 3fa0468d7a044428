using SemanticSam.Formats;
using SemanticSam.Foundation;

namespace SemanticSam.Tests.Pure.Foundation;

public sealed class MessageTextTests
{
    [Theory]
    [InlineData("plain 'é' 😀 — text", "plain 'é' 😀 — text")]
    [InlineData("\u001b]52;c;AAAA\u0007", @"\u001B]52;c;AAAA\u0007")]
    [InlineData("a\0b\u007f\u009bc", @"a\u0000b\u007F\u009Bc")]
    [InlineData("a\u202Egpj.exe", @"a\u202Egpj.exe")]
    [InlineData("\u2066x\u2069\u200F", @"\u2066x\u2069\u200F")]
    [InlineData("a\tb", @"a\u0009b")]
    public void Escaped_UnsafeCharacters_AreShownByTheirNumbers(string text, string expected) => Assert.Equal(expected, MessageText.Escaped(text));

    /// <summary>Not as data of a theory: attributes are stored as UTF-8, which has no lone surrogates.</summary>
    [Fact]
    public void Escaped_LoneSurrogate_IsShownByItsNumber() => Assert.Equal(@"\uD83D! \uDE00", MessageText.Escaped($"{(char)0xD83D}! {(char)0xDE00}"));

    [Fact]
    public void OneLine_LineBreaks_BecomeSpaces() => Assert.Equal("a: b c.", MessageText.OneLine("a:\r\n  b\nc."));

    [Fact]
    public void OneLine_LongQuotedValue_IsCutAndTheRestStays()
    {
        string line = MessageText.OneLine($"the image's name '{new string('x', 5000)}.jpg' isn't one; it's too long.");
        Assert.StartsWith("the image's name 'xxx", line);
        Assert.EndsWith("x.jpg' isn't one; it's too long.", line);
        Assert.True(line.Length < 250, $"{line.Length}");
    }

    [Fact]
    public void OneLine_LongMessage_IsCutInItsMiddle()
    {
        string line = MessageText.OneLine("size is [" + string.Join(", ", Enumerable.Range(0, 300_000)) + "], [height, width] is expected");
        Assert.True(line.Length < 1600);
        Assert.StartsWith("size is [0, 1, 2", line);
        Assert.EndsWith("[height, width] is expected", line);
        Assert.Contains("characters left out", line);
    }

    [Fact]
    public void Cut_ManyNumbers_AreCounted() => Assert.Equal("1, 2, 3, 4, 5, 6, 7, 8, ... (20 numbers)", MessageText.Cut([.. Enumerable.Range(1, 20)]));

    /// <summary>Every exception of this library passes here, so no call site can forget it.</summary>
    [Fact]
    public void Message_OfEveryException_IsSafe()
    {
        string message = new AnnotationFileException("a.json", "", "the name '\u001b[2J\u202E'").Message;
        Assert.DoesNotContain(message, c => char.IsControl(c) || c == '\u202E');
        Assert.Contains(@"\u001B[2J\u202E", message);
    }
}
