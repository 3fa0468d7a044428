using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Engine.Batch;
using SemanticSam.Formats.Coco;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam verify FOLDER</c>: whether a batch's folder is complete and sound.</summary>
internal static class VerifyCommand
{
    private const int Shown = 20;

    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "A folder that 'semsam segment' wrote for a batch, or 'semsam merge'." };
        var fix = new Option<bool>("--fix") { Description = "Remove temporary files that a killed process left." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var quiet = new Option<bool>("--quiet") { Description = "Print nothing but errors." };
        var command = new Command("verify", "Check a batch: every picture has a result or an error line, every result is sound and of the same model.") { folder, fix, json, quiet };
        command.Does((parsed, cancellation) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var report = BatchVerifier.Verify(parsed.GetRequiredValue(folder), parsed.GetValue(fix), parsed.GetValue(quiet) ? null : new ProgressLine(error, "checking"), cancellation);
            if (parsed.GetValue(json)) Printing.Line(output, Json(report));
            else if (!parsed.GetValue(quiet)) Print(report, output);
            return Task.FromResult(report.Problems.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed);
        });
        return command;
    }

    private static void Print(BatchReport report, TextWriter output)
    {
        var (manifest, counts) = (report.Manifest, report.Counts);
        Printing.Line(output, string.Create(CultureInfo.InvariantCulture,
            $"{(manifest.Shard is { } shard ? $"shard {shard}: " : "")}{counts.Assigned} pictures or prompts: {counts.Done} done, {counts.Failed} failed, {report.Masks} masks; {manifest.Model.Name} {manifest.Model.Sha256[..12]}"));
        Printing.Line(output, string.Create(CultureInfo.InvariantCulture, $"{report.PicturesSeen} results were compared with their pictures{(report.PicturesSeen < counts.Done ? "; the others are damaged, or their pictures are gone or cannot be read" : "")}."));
        foreach (var kind in report.Problems.GroupBy(p => p.Kind).OrderBy(g => g.Key))
        {
            Printing.Line(output, $"{Name(kind.Key)}: {kind.Count()}");
            foreach (var problem in kind.Take(Shown)) Printing.Line(output, $"  {problem.Path}: {problem.What}");
            if (kind.Count() > Shown) Printing.Line(output, $"  and {kind.Count() - Shown} more (--json lists all)");
        }
        bool resume = report.Problems.Any(p => p.Kind is BatchProblemKind.Missing or BatchProblemKind.Damaged);
        Printing.Line(output, report.Problems.Count == 0 ? "sound and complete" : $"{report.Problems.Count} problems{(resume ? "; 'semsam segment --resume' computes missing and damaged results again" : "")}");
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
        report.Manifest.Shard, report.Manifest.Model, report.Counts, report.Masks, report.PicturesSeen,
        Problems = report.Problems.Select(p => new { Kind = p.Kind.ToString().ToLowerInvariant(), p.Path, p.What }),
    }, Printing.Json);
}
