using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Requests;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Shapes;
using SemanticSam.TextEncoder.Names;
using SemanticSam.Training.Data;
using SemanticSam.Training.Runs;
using SemanticSam.Training.Samples;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam train</c>: trains a small model for clicks, boxes and names.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var defaults = new TrainerOptions();
        var data = new Option<string>("--data") { Description = "Folder with annotations_train.json and images/train.", HelpName = "FOLDER", Required = true };
        var output = new Option<string>("--out") { Description = "Folder for the model, metrics.jsonl and the state to go on from.", HelpName = "FOLDER", Required = true };
        var init = new Option<string?>("--init") { Description = "Folder of a model to start from. Default: the embedded model's architecture with fresh weights.", HelpName = "FOLDER" };
        var resume = new Option<bool>("--resume") { Description = "Go on with the training in --out." };
        var steps = Number("--steps", "Steps in all.", defaults.Steps);
        var batch = Number("--batch", "Pictures a step.", defaults.Batch);
        var size = Number("--size", "Side of the square training pictures, a multiple of 32.", defaults.Samples.Size);
        var rate = new Option<double>("--lr") { Description = "Largest learning rate.", HelpName = "X", DefaultValueFactory = _ => defaults.LearningRate };
        var warmUp = Number("--warm-up", "Steps over which the learning rate rises.", defaults.WarmUp);
        var every = Number("--checkpoint-every", "Steps between two checkpoints.", defaults.CheckpointEvery);
        var seed = Number("--seed", "Decides order, samples and fresh weights.", defaults.Seed);
        var licences = new Option<string[]>("--licences")
        {
            Description = "Licence classes to learn from, such as MIT,CC-BY-4.0; 'all' takes every one. Default: all but research and research-upstream.",
            HelpName = "NAMES",
            AllowMultipleArgumentsPerToken = true,
        };
        var common = new CommonOptions();
        var command = new Command("train", "Trains a model for clicks, boxes and names on pictures with masks of wholes and parts.")
        {
            data, output, init, resume, steps, batch, size, rate, warmUp, every, seed, licences, common.Device, common.Threads, common.Quiet,
        };
        command.Does(async (parsed, cancellation) =>
        {
            var device = common.Apply(parsed);
            var options = new TrainerOptions
            {
                Steps = parsed.GetValue(steps),
                Batch = parsed.GetValue(batch),
                LearningRate = parsed.GetValue(rate),
                WarmUp = parsed.GetValue(warmUp),
                CheckpointEvery = parsed.GetValue(every),
                Seed = parsed.GetValue(seed),
                Filter = Filter(parsed.GetValue(licences)),
                Samples = new SampleOptions { Size = parsed.GetValue(size) },
            };
            string folder = parsed.GetValue(output)!;
            var writer = parsed.InvocationConfiguration.Output;
            using var trainer = Trainer.Create(parsed.GetValue(data)!, folder, options, parsed.GetValue(init), parsed.GetValue(resume), device);
            bool done = await trainer.RunAsync(parsed.GetValue(common.Quiet) ? null : new Lines(writer), cancellation);
            if (!parsed.GetValue(common.Quiet))
                await writer.WriteLineAsync(done ? $"done: the model is in {folder}" : $"stopped after step {trainer.Step}; go on with --resume");
            return done ? ExitCodes.Ok : ExitCodes.Interrupted;
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };

    private static DatasetFilter Filter(string[]? licences)
    {
        string[] names = [.. (licences ?? []).SelectMany(l => l.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        if (names.Length == 0) return DatasetFilter.NotResearch;
        return names is ["all"] ? new DatasetFilter() : new DatasetFilter { OnlyLicenses = names.ToHashSet() };
    }

    /// <summary>One line of progress: every step on a terminal, where it is overwritten, else with each line of metrics.</summary>
    private sealed class Lines(TextWriter writer) : IProgress<TrainingProgress>
    {
        private readonly bool _terminal = ReferenceEquals(writer, Console.Out) && !Console.IsOutputRedirected;

        public void Report(TrainingProgress value)
        {
            if (value.Metrics is null && !_terminal) return;
            string metrics = value.Metrics is null ? "" : string.Concat(value.Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"  {m.Key} {m.Value:f3}")));
            string line = string.Create(CultureInfo.InvariantCulture,
                $"step {value.Step}/{value.Steps}  {value.SecondsPerStep:f2} s/step  {(int)value.Left.TotalHours}:{value.Left:mm\\:ss} left{metrics}");
            writer.Write((_terminal ? "\r\e[K" : "") + line + (value.Metrics is null ? "" : "\n"));
            writer.Flush();
        }
    }
}
