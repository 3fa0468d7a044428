using System.CommandLine;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Training.Nano;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam train --recipe nano</c>: the embedded model, from a backbone that knows ImageNet and a sentence encoder.</summary>
internal sealed class TrainNano(TrainSwitches switches)
{
    private static readonly NanoTrainerOptions Defaults = new();

    public async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        TrainSwitches.Refuse(parsed, "nano", switches.ImageFolder, switches.KeptAside, switches.WordsOnly, switches.Fresh);
        var streams = Streams.Of(parsed);
        var device = switches.Common.Read(parsed).Apply();
        var sources = new NanoSources(parsed.GetRequiredValue(switches.Data), parsed.GetRequiredValue(switches.Output),
            Needed(parsed, switches.Backbone, "the backbone's weights"),
            Needed(parsed, switches.Text, "the folder of the sentence encoder"), parsed.GetValue(switches.Vocabulary), parsed.GetValue(switches.Init));
        bool quiet = parsed.GetValue(switches.Common.Quiet);
        long reached = 0;
        bool done = await new ProgressDisplay(streams.Error, quiet).Run("training", ProgressUnit.Steps, progress => Task.Run(() =>
        {
            long step = 0;
            var options = Options(parsed);
            using var problems = new ProblemLines(streams.Error);
            using var trainer = NanoTrainer.Create(sources, options, device, parsed.GetValue(switches.Resume), Say,
                DataSwitches.Listener(parsed, switches.Strict, problems));
            problems.Finish();
            bool all = trainer.Run(cancellation, () => progress.Report(Progress(step = trainer.Step, trainer.Done)));
            reached = trainer.Step;
            return all;

            // With a limit of time the steps in all are an estimate from what is done.
            ProgressStep Progress(long at, double share) => new(at, share > 0 ? Math.Ceiling(at / share) : options.Steps);

            void Say(string line) => progress.Report(new(step, options.Steps, null, line));
        }, CancellationToken.None));
        if (!quiet) await streams.Output.WriteLineAsync(done ? Done(sources) : $"stopped after step {reached}; --resume continues");
        return done ? ExitCodes.Ok : ExitCodes.Interrupted;
    }

    /// <summary>What there is now, and the command that comes next.</summary>
    internal static string Done(NanoSources sources)
    {
        string model = Path.Combine(sources.Out, NanoFiles.ModelFolder);
        string data = File.Exists(Path.Combine(sources.Data, "annotations_val.json")) ? sources.Data : "FOLDER (with annotations_val.json)";
        return $"""
            done: the model is in {model}; --model {model} takes it.
            Its scores are the network's own. To make them what they promise, on images that it did not learn from:
            semsam evaluate --data {data} --model {model} --images 255 --protocol calibration --fit-calibration {Path.Combine(model, "inference.json")}
            """;
    }

    private NanoTrainerOptions Options(ParseResult parsed) => new()
    {
        Steps = parsed.GetValue(switches.Steps) ?? Defaults.Steps,
        TimeLimit = parsed.GetValue(switches.Hours) is { } hours ? TimeSpan.FromHours(hours) : null,
        Batch = parsed.GetValue(switches.Batch) ?? Defaults.Batch,
        Seed = parsed.GetValue(switches.Seed) ?? Defaults.Seed,
        WarmUp = parsed.GetValue(switches.WarmUp) ?? Defaults.WarmUp,
        Workers = parsed.GetValue(switches.Workers) ?? Defaults.Workers,
        CheckpointEvery = parsed.GetValue(switches.CheckpointEvery) ?? Defaults.CheckpointEvery,
        LogEvery = parsed.GetValue(switches.LogEvery) ?? Defaults.LogEvery,
        Rate = parsed.GetValue(switches.Rate) ?? Defaults.Rate,
        BackboneRate = parsed.GetValue(switches.BackboneRate) ?? Defaults.BackboneRate,
        Filter = LicenseSwitch.Read(parsed.GetValue(switches.Licenses)),
        Samples = Defaults.Samples with { Size = parsed.GetValue(switches.Size) ?? Defaults.Samples.Size },
    };

    private static string Needed(ParseResult parsed, Option<string?> option, string what) =>
        parsed.GetValue(option) ?? throw new UsageException($"--recipe nano needs {what}: {option.Name}.");
}
