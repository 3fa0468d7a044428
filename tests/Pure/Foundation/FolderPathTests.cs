using SemanticSam.Foundation;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Foundation;

public sealed class FolderPathTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.jpg", "a.jpg")]
    [InlineData("x/a.jpg", "x/a.jpg")]
    [InlineData(@"x\a.jpg", "x/a.jpg")]
    [InlineData("./x/./a.jpg", "x/a.jpg")]
    [InlineData("..a/b..jpg", "..a/b..jpg")]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData("..", null)]
    [InlineData("/etc/passwd", null)]
    [InlineData(@"\\server\share", null)]
    [InlineData(@"C:\x.jpg", null)]
    [InlineData("x/../../a.jpg", null)]
    [InlineData(@"x\..\..\a.jpg", null)]
    [InlineData("x//a.jpg", null)]
    [InlineData("x/", null)]
    [InlineData("a\0.jpg", null)]
    [InlineData("a\u001b[2J.jpg", null)]
    public void TryRelative_ForeignName_StaysBelow(string name, string? expected) => Assert.Equal(expected, FolderPath.TryRelative(name));

    [Fact]
    public void TryRelative_LoneSurrogate_IsNone() =>
        Assert.All([$"a{(char)0xD800}.jpg", $"{(char)0xDC00}b", $"x/{(char)0xD800}"], n => Assert.Null(FolderPath.TryRelative(n)));

    [Fact]
    public void TryRelative_OverlongName_IsNone()
    {
        Assert.Null(FolderPath.TryRelative(new string('a', 300)));
        Assert.Null(FolderPath.TryRelative(string.Join('/', Enumerable.Repeat("abc", 2000))));
        Assert.NotNull(FolderPath.TryRelative(new string('é', 200)));
    }

    [SkippableTheory]
    [InlineData("12:30 a\\b.jpg", true)]
    [InlineData("a\nb.jpg", true)]
    [InlineData("../a", false)]
    [InlineData("a/./b", false)]
    [InlineData("/a", false)]
    [InlineData("a\0", false)]
    public void IsListed_NameOfThisSystem_IsTakenAsItIs(string name, bool expected)
    {
        Skip.If(OperatingSystem.IsWindows(), "other names are allowed there");
        Assert.Equal(expected, FolderPath.IsListed(name));
        if (!expected) Assert.Throws<ArgumentException>(() => FolderPath.Under(_folder.Path, name));
    }

    [Theory]
    [InlineData("model.safetensors", true)]
    [InlineData("x/model.safetensors", false)]
    [InlineData("..", false)]
    [InlineData(@"x\y", false)]
    [InlineData("./y", false)]
    public void IsPlain_Member_HasNoFolder(string name, bool expected) => Assert.Equal(expected, FolderPath.IsPlain(name));

    [Fact]
    public void Shortened_LongNames_StayDifferentAndFit()
    {
        string a = FolderPath.Shortened(new string('é', 200) + "a"), b = FolderPath.Shortened(new string('é', 200) + "b"),
            pairs = FolderPath.Shortened(string.Concat(Enumerable.Repeat("😀", 100)));
        Assert.NotEqual(a, b);
        Assert.All([a, b, pairs], n => Assert.True(System.Text.Encoding.UTF8.GetByteCount(n) <= 200));
        Assert.NotNull(FolderPath.TryRelative(pairs)); // no half of a pair was left
        Assert.Equal("short", FolderPath.Shortened("short"));
    }

    [Theory]
    [InlineData("a.jpg", "A.JPG", true)]
    [InlineData("cafe\u0301/x", "caf\u00e9/x", true)]
    [InlineData("a. ./b", "a/b", true)]
    [InlineData("a/b", "a\u2215b", false)] // a slash by its looks alone
    [InlineData("a", "b", false)]
    [InlineData("\uFFFE", "\uFFFE", true)]
    public void Folded_Names_AreTheSameWhereSomeFileSystemTakesThemForOne(string a, string b, bool same) =>
        Assert.Equal(same, FolderPath.Folded(a) == FolderPath.Folded(b));

    /// <summary>Files cannot be called by half a character.</summary>
    [Fact]
    public void WithoutLoneSurrogates_HalfPairs_BecomeUnderscores()
    {
        Assert.Equal("a_b", FolderPath.WithoutLoneSurrogates("a\uD83Db"));
        Assert.Equal("__", FolderPath.WithoutLoneSurrogates("\uDE00\uD83D"));
        Assert.Equal("_\uD83D\uDE00", FolderPath.WithoutLoneSurrogates("\uD83D\uD83D\uDE00"));
        Assert.Equal("é \uD83D\uDE00", FolderPath.WithoutLoneSurrogates("é \uD83D\uDE00"));
    }

    [SkippableFact]
    public void IsReachedWithoutLinks_LinkOnTheWay_IsSeen()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        Directory.CreateDirectory(_folder.File("a/b"));
        Directory.CreateSymbolicLink(_folder.File("a/link"), "b");
        Assert.True(FolderPath.IsReachedWithoutLinks(_folder.File("a"), _folder.File("a/b/new.json")));
        Assert.False(FolderPath.IsReachedWithoutLinks(_folder.File("a"), _folder.File("a/link/new.json")));
        Assert.True(FolderPath.IsReachedWithoutLinks(_folder.File("a/link"), _folder.File("a/link/new.json"))); // the folder itself is its owner's
    }
}
