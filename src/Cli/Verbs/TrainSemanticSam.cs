using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Training.Runs;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam train --recipe semantic-sam</c>: a small Semantic-SAM with text, from nothing or from a model of the kind.</summary>
internal sealed class TrainSemanticSam(TrainSwitches switches)
{
    private static readonly TrainerOptions Defaults = new();

    public async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        TrainSwitches.Refuse(parsed, "semantic-sam", switches.Backbone, switches.Text, switches.Vocabulary, switches.BackboneRate,
        switches.Hours, switches.Workers,
            switches.ImageFolder, switches.KeptAside, switches.WordsOnly);
        var streams = Streams.Of(parsed);
        string init = parsed.GetValue(switches.Init) ?? throw new UsageException(
            "--recipe semantic-sam needs --init: the folder of a model to start from (with --fresh only its sizes and words are taken). "
            + "The embedded model is made by --recipe nano.");
        bool quiet = parsed.GetValue(switches.Common.Quiet);
        string folder = parsed.GetRequiredValue(switches.Output);
        var device = switches.Common.Read(parsed).Apply();
        using var problems = new ProblemLines(streams.Error);
        using var trainer = Trainer.Create(parsed.GetRequiredValue(switches.Data), folder, Options(parsed), init,
            parsed.GetValue(switches.Resume), device, DataSwitches.Listener(parsed, switches.Strict, problems));
        problems.Finish();
        bool done = await new ProgressDisplay(streams.Error, quiet).Run("training", ProgressUnit.Steps, progress =>
            trainer.RunAsync(new ProgressDisplay.Direct<TrainingProgress>(now => progress.Report(new(now.Step, now.Steps, null, Line(now)))), cancellation));
        if (!quiet) await streams.Output.WriteLineAsync(done ? $"done: the model is in {folder}" : $"stopped after step {trainer.Step}; --resume continues");
        return done ? ExitCodes.Ok : ExitCodes.Interrupted;
    }

    private TrainerOptions Options(ParseResult parsed) => new()
    {
        Steps = parsed.GetValue(switches.Steps) ?? Defaults.Steps,
        Batch = parsed.GetValue(switches.Batch) ?? Defaults.Batch,
        LearningRate = parsed.GetValue(switches.Rate) ?? Defaults.LearningRate,
        WarmUp = parsed.GetValue(switches.WarmUp) ?? Defaults.WarmUp,
        CheckpointEvery = parsed.GetValue(switches.CheckpointEvery) ?? Defaults.CheckpointEvery,
        MetricsEvery = parsed.GetValue(switches.LogEvery) ?? Defaults.MetricsEvery,
        Seed = parsed.GetValue(switches.Seed) ?? Defaults.Seed,
        Fresh = parsed.GetValue(switches.Fresh),
        Images = LicenseSwitch.Read(parsed.GetValue(switches.Licenses)).Takes,
        Size = parsed.GetValue(switches.Size) ?? Defaults.Size,
    };

    /// <summary>A line of metrics, which stays on the screen; null between two of them.</summary>
    private static string? Line(TrainingProgress now) => now.Metrics is null ? null : string.Create(CultureInfo.InvariantCulture,
        $"step {now.Step}/{now.Steps}{string.Concat(now.Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"  {m.Key} {m.Value:f3}")))}");
}
