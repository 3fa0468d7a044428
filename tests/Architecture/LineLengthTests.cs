using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Architecture;

/// <summary>Lines that fit a screen. Raw texts (JSON, XML and the like, as another program writes them) stay as they are.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 160;
    private const string RawQuotes = "\"\"\"";

    private static readonly string[] PageFiles = [".js", ".css", ".html"];

    private static IEnumerable<string> Files => new[] { "src", "tests", "bench", "samples" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Fixtures.RepoRoot, folder), "*.cs", SearchOption.AllDirectories))
        .Concat(Page)
        .Where(file => !Path.GetRelativePath(Fixtures.RepoRoot, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    /// <summary>What the browser runs.</summary>
    private static IEnumerable<string> Page => Directory
        .EnumerateFiles(Path.Combine(Fixtures.RepoRoot, "src", "Server", "Page", "Files"), "*", SearchOption.AllDirectories)
        .Where(file => PageFiles.Contains(Path.GetExtension(file)));

    [Fact]
    public void Lines_OfEverySource_HaveAtMost160Characters()
    {
        Assert.True(Files.Count() > 500, "the sources were not found");
        Assert.True(Page.Count() > 20, "the page's files were not found");
        Assert.Empty(Files.SelectMany(file => TooLong(File.ReadLines(file)).Select(line => $"{Path.GetRelativePath(Fixtures.RepoRoot, file)}:{line}")));
    }

    [Fact]
    public void TooLong_Lines_CountOutsideOfRawTexts()
    {
        string wide = new('x', Longest + 1), quote = RawQuotes;
        Assert.Equal([2], TooLong([new('x', Longest), wide]));
        Assert.Equal([5], TooLong([$"var a = {quote}", wide, $"{quote};", $"{quote}{wide}{quote}", wide]));
    }

    /// <summary>Numbers of the lines that are too long, from 1.</summary>
    private static IEnumerable<int> TooLong(IEnumerable<string> lines)
    {
        bool raw = false;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            int quotes = line.Split(RawQuotes).Length - 1;
            if (line.Length > Longest && !raw && quotes == 0) yield return number;
            raw ^= quotes % 2 == 1;
        }
    }
}
