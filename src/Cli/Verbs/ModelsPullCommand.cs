using System.CommandLine;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam models pull NAME</c>: downloads a known model into the cache folder.</summary>
internal static class ModelsPullCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The name of a known model, as 'semsam models' lists it." };
        var from = new Option<string?>("--from")
        {
            Description = "Another address of the same file, for instance a mirror in your network: https, or http on this machine.",
            HelpName = "URL",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("pull", "Download a known model into the cache folder; an interrupted download continues where it stopped.") { name, from,
            json };
        command.Does(async (result, cancellation) =>
        {
            string asked = result.GetRequiredValue(name);
            var model = ModelCatalog.Find(asked)
                ?? throw new UsageException(
                    $"No model is called '{asked}'. Known are {string.Join(", ", ModelCatalog.Models.Where(m => !m.Embedded).Select(m => m.Name))}.");
            var store = new ModelStore(ModelFolders.FromEnvironment());
            if (model.Embedded) throw new UsageException($"{model.Name} comes with this program; there is nothing to download.");
            if (result.GetValue(from) is { } mirror)
                model = model with { Address = Uri.TryCreate(mirror, UriKind.Absolute, out var address)
                    ? address
                    : throw new UsageException($"--from {mirror}: this is not an address.") };
            var error = result.InvocationConfiguration.Error;
            await error.WriteLineAsync($"{model.Address} -> {store.PlaceFor(model)}");
            var pulled = await new ProgressDisplay(error, quiet: false).Run("downloading", ProgressUnit.Bytes, progress =>
                new ModelDownloader().PullAsync(model, store.Folders.Cache,
                    new ProgressDisplay.Direct<DownloadProgress>(now => progress.Report(new(now.Done, now.Total))), cancellation));
            var output = result.InvocationConfiguration.Output;
            var (found, expected) = (What(pulled.Path), $"{model.Family} {model.Architecture}");
            if (result.GetValue(json))
                await output.WriteLineAsync(JsonSerializer
                    .Serialize(new { model.Name, pulled.Path, pulled.Size, pulled.Sha256, Verified = model.Sha256 is not null, pulled.AlreadyThere,
                    Recognized = found, model.License }, JsonSettings.Indented));
            else
                await output.WriteLineAsync(
                    $"{pulled.Path}  {Printing.Bytes(pulled.Size)}  {model.License}  sha256 " +
                    $"{pulled.Sha256}{(model.Sha256 is null ? " (recorded; the published one is not known)" : "")}"
                    + $"{(pulled.AlreadyThere ? "  (was there already)" : "")}");
            if (found == expected) return ExitCodes.Ok;
            await error.WriteLineAsync(
                $"semsam: {pulled.Path} is {found ?? "not a known model"}, by its tensors, not {expected}; 'semsam models check' tells more.");
            return ExitCodes.BadModel;
        });
        return command;
    }

    /// <summary>What a file is by its tensors.</summary>
    private static string? What(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        return ModelRecognizer.Recognize(StateDict.From(checkpoint)) is { } found ? $"{found.Family} {found.Architecture}" : null;
    }
}
