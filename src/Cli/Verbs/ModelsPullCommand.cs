using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam models pull NAME</c>: downloads a known model into the cache folder.</summary>
internal static class ModelsPullCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The name of a known model, as 'semsam models' lists it." };
        var from = new Option<string?>("--from") { Description = "Another address of the same file, for instance a mirror in your network: https, or http on this machine.", HelpName = "URL" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("pull", "Download a known model into the cache folder; an interrupted download goes on where it stopped.") { name, from, json };
        command.Does(async (result, cancellation) =>
        {
            string asked = result.GetRequiredValue(name);
            var model = ModelCatalog.Find(asked) ?? throw new UsageException($"No model is called '{asked}'. Known are {string.Join(", ", ModelCatalog.Models.Where(m => !m.Embedded).Select(m => m.Name))}.");
            var store = new ModelStore(ModelFolders.FromEnvironment());
            if (model.Embedded) throw new UsageException($"{model.Name} comes with this program; there is nothing to download.");
            if (result.GetValue(from) is { } mirror)
                model = model with { Address = Uri.TryCreate(mirror, UriKind.Absolute, out var address) ? address : throw new UsageException($"--from {mirror}: this is no address.") };
            var error = result.InvocationConfiguration.Error;
            await error.WriteLineAsync($"{model.Address} -> {store.PlaceFor(model)}");
            var pulled = await new ModelDownloader().PullAsync(model, store.Folders.Cache, new Meter(error), cancellation);
            var output = result.InvocationConfiguration.Output;
            var (found, expected) = (What(pulled.Path), $"{model.Family} {model.Architecture}");
            if (result.GetValue(json))
                await output.WriteLineAsync(JsonSerializer.Serialize(new { model.Name, pulled.Path, pulled.Size, pulled.Sha256, Verified = model.Sha256 is not null, pulled.AlreadyThere, Recognised = found, model.License }, Printing.Json));
            else
                await output.WriteLineAsync($"{pulled.Path}  {Printing.Bytes(pulled.Size)}  {model.License}  sha256 {pulled.Sha256}{(model.Sha256 is null ? " (recorded; the published one is not known)" : "")}{(pulled.AlreadyThere ? "  (was there already)" : "")}");
            if (found == expected) return ExitCodes.Ok;
            await error.WriteLineAsync($"semsam: {pulled.Path} is {found ?? "no model that is known here"} by its tensors, not {expected}; 'semsam models check' tells more.");
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

    /// <summary>Progress on standard error: a line that renews itself on a terminal, else a line every ten per cent.</summary>
    private sealed class Meter(TextWriter error) : IProgress<DownloadProgress>
    {
        private readonly bool _terminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private long _first = -1;
        private double _nextSecond;
        private int _nextTenth = 1;

        public void Report(DownloadProgress value)
        {
            if (_first < 0) _first = value.Done;
            double seconds = _watch.Elapsed.TotalSeconds;
            bool last = value.Done == value.Total;
            if (_terminal)
            {
                if (seconds < _nextSecond && !last) return;
                _nextSecond = seconds + 0.2;
                error.Write($"\r{Text(value, seconds)}   {(last ? "\n" : "")}");
            }
            else if (value.Total is { } total && value.Done >= total / 10.0 * _nextTenth)
            {
                _nextTenth = (int)(value.Done * 10 / total) + 1;
                error.WriteLine(Text(value, seconds));
            }
        }

        private string Text(DownloadProgress value, double seconds)
        {
            double rate = (value.Done - _first) / Math.Max(seconds, 0.1);
            string left = value.Total is { } total && rate > 0 ? string.Create(CultureInfo.InvariantCulture, $", {(total - value.Done) / rate:f0} s left") : "";
            string share = value.Total is { } all and > 0 ? string.Create(CultureInfo.InvariantCulture, $" of {Printing.Bytes(all)} ({100.0 * value.Done / all:f0} %)") : "";
            return $"{Printing.Bytes(value.Done)}{share}, {Printing.Bytes((long)rate)}/s{left}";
        }
    }
}
