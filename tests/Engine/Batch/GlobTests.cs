using SemanticSam.Engine.Batch;

namespace SemanticSam.Tests.Engine.Batch;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*.jpg", "a.jpg", true)]
    [InlineData("*.jpg", "a.jpeg", false)]
    [InlineData("*.jpg", "sub/a.jpg", false)]
    [InlineData("**/*.jpg", "a.jpg", true)]
    [InlineData("**/*.jpg", "x/y/a.jpg", true)]
    [InlineData("*/a.jpg", "x/a.jpg", true)]
    [InlineData("*/a.jpg", "x/y/a.jpg", false)]
    [InlineData("**", "x/y/a.jpg", true)]
    [InlineData("a?.png", "ab.png", true)]
    [InlineData("a?.png", "a.png", false)]
    [InlineData("a?.png", "a/.png", false)]
    [InlineData("[abc]*.png", "b1.png", true)]
    [InlineData("[!abc]*.png", "b1.png", false)]
    [InlineData("[!abc]*.png", "d1.png", true)]
    [InlineData("[0-4].png", "3.png", true)]
    [InlineData("[0-4].png", "7.png", false)]
    [InlineData("a+(b).p*", "a+(b).png", true)]
    [InlineData("x*[", "xy[", true)]
    public void Matches_Path_AsShellsDo(string pattern, string path, bool expected) => Assert.Equal(expected, new Glob(pattern).Matches(path));

    [Theory]
    [InlineData("photos/2024/*.jpg", "photos/2024", false)]
    [InlineData("*.jpg", ".", false)]
    [InlineData("photos/**/*.jpg", "photos", true)]
    [InlineData("photos/*/a.jpg", "photos", true)]
    [InlineData("/*.jpg", "/", false)]
    public void Folder_OfAPattern_IsWhatComesBeforeItsFirstWildcard(string pattern, string folder, bool recursive)
    {
        var glob = new Glob(pattern);
        Assert.Equal((folder, recursive), (glob.Folder, glob.Recursive));
    }

    [Fact]
    public void Matches_ManyDoubleStars_TakesNoTime()
    {
        var glob = new Glob(string.Concat(Enumerable.Repeat("**/a*/", 40)) + "**/*.png");
        string path = string.Join('/', Enumerable.Repeat("aa", 200)) + "/x.jpg";
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(glob.Matches(path));
        Assert.True(new Glob("**/**/**/**/x.jpg").Matches("x.jpg"));
        Assert.True(watch.Elapsed.TotalSeconds < 2, $"{watch.Elapsed}");
        Assert.Throws<BatchException>(() => new Glob(new string('*', 2000)));
    }
}
