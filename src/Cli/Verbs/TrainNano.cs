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
        return await new ProgressDisplay(streams.Error, parsed.GetValue(switches.Common.Quiet)).Run("training", ProgressUnit.Steps, progress => Task.Run(() =>
        {
            long step = 0;
            var options = Options(parsed);
            using var problems = new ProblemLines(streams.Error);
            using var trainer = NanoTrainer.Create(sources, options, device, parsed.GetValue(switches.Resume), Say, DataSwitches.Listener(parsed, switches.Strict, problems));
            problems.Finish();
            bool done = trainer.Run(cancellation, () => progress.Report(Progress(step = trainer.Step, trainer.Done)));
            Say(done ? $"done: the weights are in {sources.Out}" : $"stopped after step {trainer.Step}; --resume continues");
            return done ? ExitCodes.Ok : ExitCodes.Interrupted;

            // With a limit of time the steps in all are an estimate from what is done.
            ProgressStep Progress(long at, double share) => new(at, share > 0 ? Math.Ceiling(at / share) : options.Steps);

            void Say(string line) => progress.Report(new(step, options.Steps, null, line));
        }, CancellationToken.None));
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
