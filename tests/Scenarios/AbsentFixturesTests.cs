using System.Diagnostics;
using System.Text.RegularExpressions;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Scenarios;

/// <summary>Where golden files are absent, their tests are skipped under the files' names; every other test runs as ever.</summary>
[Trait("Category", "Slow")]
public sealed class AbsentFixturesTests
{
    private const string Slow =
        "Category!=Slow|FullyQualifiedName~Granularity|FullyQualifiedName~TextEncoder|FullyQualifiedName~Scenarios.Sam|FullyQualifiedName~Scenarios.Full";

    [Theory]
    [InlineData("tests/SemanticSam.Tests.csproj", Slow)] // the slow ones that read golden files, too
    [InlineData("tests/Pure/SemanticSam.Tests.Pure.csproj", "Category!=Slow")]
    public async Task Run_EmptyFolder_SkipsByFileNameAndFailsNothing(string project, string filter)
    {
        using var folder = new TempFolder();
        string[] path = AppContext.BaseDirectory.Split(Path.DirectorySeparatorChar);
        string empty = Directory.CreateDirectory(folder.File("empty")).FullName, configuration = path[Array.LastIndexOf(path, "bin") + 1];
        var start = new ProcessStartInfo("dotnet",
            ["test", Path.Combine(Fixtures.RepoRoot, project), "-c", configuration, "--no-build", "--filter", filter, "--logger",
            $"trx;LogFileName={folder.File("result.trx")}"])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SEMSAM_FIXTURES"] = empty;
        start.Environment.TryAdd("OMP_WAIT_POLICY", "passive"); // as test.sh has it
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, output + await error);
        string results = await File.ReadAllTextAsync(folder.File("result.trx"));
        var skipped = Regex.Matches(results, @"outcome=""NotExecuted"".*?</UnitTestResult>", RegexOptions.Singleline);
        Assert.NotEmpty(skipped);
        // Nothing but an absent golden file is a reason, or what this machine lacks whatever the fixtures are.
        string absent = $@"[a-z0-9_]+/[\w./-]* is not under {Regex.Escape(empty)}\.";
        string lacking = @"(there (is|are) no|No font of this system) .*|.*SEMSAM_NANO_SOURCES.*";
        Assert.All(skipped, s => Assert.Matches($"<Message>({absent}|{lacking})</Message>", s.Value));
        Assert.Matches(absent, results);
    }
}
