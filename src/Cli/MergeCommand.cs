using System.CommandLine;
using System.Globalization;
using SemanticSam.Batch;

namespace SemanticSam.Cli;

/// <summary><c>semsam merge SHARD... --out FOLDER</c>: joins the shards of a batch.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var shards = new Argument<string[]>("SHARD") { Description = "Folders that 'semsam segment --shard I/N' wrote.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Description = "Folder for the whole; it must be empty or absent.", HelpName = "FOLDER", Required = true };
        var missing = new Option<bool>("--allow-missing") { Description = "Merge although shards or pictures are missing." };
        var quiet = new Option<bool>("--quiet") { Description = "Print nothing but errors." };
        var command = new Command("merge", "Join the shards of a batch into one folder, the same as an undivided run gives.") { shards, output, missing, quiet };
        command.Does((parsed, cancellation) =>
        {
            string folder = parsed.GetRequiredValue(output);
            if (string.IsNullOrWhiteSpace(folder)) throw new UsageException("--out is empty: name a folder.");
            var error = parsed.InvocationConfiguration.Error;
            var (manifest, absent) = new BatchMerger(parsed.GetRequiredValue(shards)).Merge(folder, parsed.GetValue(missing), parsed.GetValue(quiet) ? null : new ProgressLine(error, "merging"), cancellation);
            if (absent.Count > 0) error.WriteLine($"semsam: merged without what is missing: {string.Join("; ", absent)}.");
            if (!parsed.GetValue(quiet))
                Printing.Line(parsed.InvocationConfiguration.Output, string.Create(CultureInfo.InvariantCulture, $"{manifest.Counts.Assigned} pictures or prompts: {manifest.Counts.Done} done, {manifest.Counts.Failed} failed: {folder}"));
            return Task.FromResult(absent.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed);
        });
        return command;
    }
}
