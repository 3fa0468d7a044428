using System.Text.Json;
using SemanticSam.Cli;
using SemanticSam.Tests.Support;

namespace SemanticSam.Tests.Cli.Verbs;

public sealed class EvaluateCommandTests
{
    private static string Data => Path.Combine(Fixtures.Own, "wholepart");

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await CommandLineTool.RunAsync(["evaluate", "--data", Data, .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public async Task Evaluate_Json_HasEveryFigureBesideAGuess()
    {
        var (code, output, _) = await Run("--json", "--quiet");
        Assert.Equal(ExitCodes.Ok, code);
        var report = JsonDocument.Parse(output).RootElement;
        JsonElement best = report.GetProperty("click_best_of_six"), score = report.GetProperty("click_by_score");
        Assert.InRange(best.GetProperty("value").GetDouble(), score.GetProperty("value").GetDouble(), 1);
        Assert.Equal(best.GetProperty("count").GetInt64(), score.GetProperty("count").GetInt64());
        Assert.InRange(best.GetProperty("constant").GetDouble(), 0.01, 1);
        Assert.True(best.GetProperty("value").GetDouble() > best.GetProperty("constant").GetDouble(), $"The embedded model's clicks are not better than discs: {best}.");
    }

    [Fact]
    public async Task Evaluate_NothingOfAKind_SaysNullNotAnInvalidNumber()
    {
        var (code, output, error) = await Run("--json", "--quiet", "--limit", "1");
        Assert.True(code == ExitCodes.Ok, error);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(1, report.GetProperty("pictures").GetInt32());
        var empty = report.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Object && p.Value.GetProperty("count").GetInt64() == 0).ToArray();
        Assert.All(empty, p => Assert.Equal(JsonValueKind.Null, p.Value.GetProperty("value").ValueKind));
    }

    [Fact]
    public async Task Evaluate_LimitZero_IsRefused()
    {
        var (code, _, error) = await Run("--limit", "0");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("--limit 0", error);
    }
}
