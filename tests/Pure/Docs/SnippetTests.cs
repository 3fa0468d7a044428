using System.Text.RegularExpressions;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Pure.Docs;

/// <summary>What README, docs and the packages' READMEs show as C# stands, line for line, in a sample that the solution builds.</summary>
public sealed partial class SnippetTests
{
    public static TheoryData<string, string> Snippets()
    {
        var found = new TheoryData<string, string>();
        string[] folders = ["", "docs", .. Directory.GetDirectories(Path.Combine(Fixtures.RepoRoot, "packaging"))];
        var pages = folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Fixtures.RepoRoot, folder), "*.md"));
        foreach (string page in pages.Order(StringComparer.Ordinal))
            foreach (Match block in CSharp().Matches(File.ReadAllText(page)))
                found.Add(Path.GetRelativePath(Fixtures.RepoRoot, page), block.Groups[1].Value);
        return found;
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_OfADocument_IsCompiled(string page, string snippet)
    {
        string[] wanted = Lines(snippet);
        Assert.NotEmpty(wanted);
        var samples = Directory.EnumerateFiles(Path.Combine(Fixtures.RepoRoot, "samples"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        Assert.True(samples.Any(f => Holds(Lines(File.ReadAllText(f)), wanted)), $"No program under samples holds these lines of {page}:\n{snippet}");
    }

    [Fact]
    public void Readme_HasASnippet() => Assert.Contains("README.md", Snippets().Select(row => (string)row[0]));

    /// <summary>Without usings, which a program has once at its top, blank lines and indentation.</summary>
    private static string[] Lines(string text) =>
        [.. text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && !(l.StartsWith("using ", StringComparison.Ordinal) && !l.Contains('=')))];

    private static bool Holds(string[] lines, string[] wanted) =>
        Enumerable.Range(0, Math.Max(0, lines.Length - wanted.Length + 1)).Any(at => lines.AsSpan(at, wanted.Length).SequenceEqual(wanted));

    [GeneratedRegex("^```csharp\r?\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CSharp();
}
