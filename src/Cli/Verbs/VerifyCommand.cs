using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Engine.Batch;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam verify FOLDER</c>: whether a batch's folder is complete and valid.</summary>
internal static class VerifyCommand
{
    private const int Shown = 20;

    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A folder that 'semsam segment' wrote for a batch, or 'semsam merge'." };
        var fix = new Option<bool>("--fix") { Description = "Remove temporary files that a killed process left." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var quiet = new Option<bool>("--quiet") { Description = "Print nothing but errors." };
        var command = new Command("verify", "Check a batch: every image has a result or an error line, every result is valid and of the same model.") { folder,
            fix, json, quiet };
        command.Does(async (parsed, cancellation) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var report = await new ProgressDisplay(error, parsed.GetValue(quiet)).Run("checking", progress =>
                Task.FromResult(BatchVerifier.Verify(parsed.GetRequiredValue(folder), parsed.GetValue(fix), progress, cancellation)));
            if (parsed.GetValue(json)) Printing.Line(output, Json(report));
            else if (!parsed.GetValue(quiet)) Print(report, output);
            return report.Problems.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static void Print(BatchReport report, TextWriter output)
    {
        var (manifest, counts) = (report.Manifest, report.Counts);
        Printing.Line(output, string.Create(CultureInfo.InvariantCulture,
            $"{(manifest.Shard is { } shard ? $"shard {shard}: " : "")}{counts.Assigned} images or prompts: {counts.Done} done, {counts.Failed} failed, " +
            $"{report.Masks} masks; {manifest.Model.Name} {manifest.Model.Sha256[..12]}"));
        Printing.Line(output, string.Create(CultureInfo.InvariantCulture,
            $"{report.ImagesSeen} results were compared with their " +
            $"images{(report.ImagesSeen < counts.Done ? "; the others are damaged, or their images are gone or cannot be read" : "")}."));
        foreach (var kind in report.Problems.GroupBy(p => p.Kind).OrderBy(g => g.Key))
        {
            Printing.Line(output, $"{Name(kind.Key)}: {kind.Count()}");
            foreach (var problem in kind.Take(Shown)) Printing.Line(output, $"  {problem.Path}: {problem.What}");
            if (kind.Count() > Shown) Printing.Line(output, $"  and {kind.Count() - Shown} more (--json lists all)");
        }
        bool resume = report.Problems.Any(p => p.Kind is BatchProblemKind.Missing or BatchProblemKind.Damaged);
        Printing.Line(output, report.Problems.Count == 0
            ? "complete and valid"
            : $"{report.Problems.Count} problems{(resume ? "; 'semsam segment --resume' computes missing and damaged results again" : "")}");
    }

    private static string Name(BatchProblemKind kind) => kind switch
    {
        BatchProblemKind.Inputs => "inputs that do not fit",
        BatchProblemKind.Missing => "missing",
        BatchProblemKind.Damaged => "damaged",
        BatchProblemKind.Surplus => "surplus",
        BatchProblemKind.Counts => "counts that do not fit",
        _ => "left by a killed process (--fix removes them)",
    };

    private static string Json(BatchReport report) => JsonSerializer.Serialize(new
    {
        report.Manifest.Shard, report.Manifest.Model, report.Counts, report.Masks, report.ImagesSeen,
        Problems = report.Problems.Select(p => new { Kind = p.Kind.ToString().ToLowerInvariant(), p.Path, p.What }),
    }, JsonSettings.Indented);
}
