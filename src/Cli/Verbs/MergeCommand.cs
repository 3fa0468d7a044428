using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Engine.Batch;
using SemanticSam.Formats;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam merge SHARD... --out FOLDER</c>: joins the shards of a batch.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var shards = new Argument<string[]>("SHARD") { Description = "Folders that 'semsam segment --shard I/N' wrote.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Description = "Folder for the whole; it must be empty or absent.", HelpName = "FOLDER", Required = true }
            .NotEmpty("folder");
        var missing = new Option<bool>("--allow-missing") { Description = "Merge although shards or images are missing." };
        var coco = new Option<string?>("--coco")
        {
            Description = "Also write one COCO file of all masks; 'semsam convert' does the same later, and other formats.", HelpName = "FILE",
        }.Check(path => path!.Length == 0 || Directory.Exists(path) ? $"--coco '{path}' is not a name for a file." : null);
        var quiet = new Option<bool>("--quiet") { Description = "Print nothing but errors." };
        var command = new Command("merge", "Join the shards of a batch into one folder, the same as an undivided run gives.") { shards,
            output, coco, missing, quiet };
        command.Does(async (parsed, cancellation) =>
        {
            string folder = parsed.GetRequiredValue(output);
            string? file = parsed.GetValue(coco);
            var error = parsed.InvocationConfiguration.Error;
            var (manifest, absent) = await new ProgressDisplay(error, parsed.GetValue(quiet)).Run("merging", progress =>
                Task.FromResult(new BatchMerger(parsed.GetRequiredValue(shards)).Merge(folder, parsed.GetValue(missing), progress, cancellation)));
            if (absent.Count > 0) error.WriteLine($"semsam: merged without what is missing: {string.Join("; ", absent)}.");
            long? masks = file is null ? null : WriteCoco(new BatchLayout(folder).Results, file, cancellation);
            if (!parsed.GetValue(quiet))
                Printing.Line(parsed.InvocationConfiguration.Output,
                    string.Create(CultureInfo.InvariantCulture,
                    $"{manifest.Counts.Assigned} images or prompts: {manifest.Counts.Done} done, {manifest.Counts.Failed} failed: " +
                    $"{folder}{(masks is null ? "" : $"; {masks} masks as COCO: {file}")}"));
            return absent.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static long WriteCoco(string results, string file, CancellationToken cancellation) => OutputException.Guard(() =>
    {
        using var reader = AnnotationFiles.Open(results, AnnotationFormat.Result, new() { MayBeEmpty = true });
        using var writer = AnnotationFiles.Create(file, AnnotationFormat.Coco);
        reader.CopyTo(writer, cancellation: cancellation);
        return writer.Written.Annotations;
    });
}
