using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Training.Data;
using SemanticSam.Training.Runs;
using SemanticSam.Training.Samples;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam train</c>: trains a small model for clicks, boxes and names.</summary>
internal sealed class TrainCommand
{
    private static readonly TrainerOptions Defaults = new();

    private readonly Option<string> _data = new Option<string>("--data")
    {
        Description = "Folder with annotations_train.json and images/train.", HelpName = "FOLDER", Required = true,
    }.NotEmpty("folder");

    private readonly Option<string> _output = new Option<string>("--out")
    {
        Description = "Folder for the model, metrics.jsonl and the state to resume from.", HelpName = "FOLDER", Required = true,
    }.NotEmpty("folder");

    private readonly Option<string?> _init = new("--init")
    {
        Description = "Folder of a model to start from. Default: the embedded model's architecture with fresh weights.", HelpName = "FOLDER",
    };

    private readonly Option<bool> _resume = new("--resume") { Description = "Continue the training in --out." };

    private readonly Option<int> _steps = Number("--steps", "Steps in all.", Defaults.Steps).Within(1, int.MaxValue);

    private readonly Option<int> _batch = Number("--batch", "Images a step.", Defaults.Batch).Within(1, 1 << 16);

    private readonly Option<int> _size = Number("--size", "Side of the square training images, a multiple of 32.", Defaults.Samples.Size)
        .Check(size => size < 64 || size % 32 != 0 ? $"--size {size}: a multiple of 32 of at least 64 is needed." : null);

    private readonly Option<double> _rate = new Option<double>("--lr") { Description = "Largest learning rate.", HelpName = "X", DefaultValueFactory = _ => Defaults.LearningRate }
        .Check(rate => rate > 0 && double.IsFinite(rate) ? null : $"--lr {rate.ToString(CultureInfo.InvariantCulture)}: a positive number is needed.");

    private readonly Option<int> _warmUp = Number("--warm-up", "Steps over which the learning rate rises.", Defaults.WarmUp).Within(0, int.MaxValue);

    private readonly Option<int> _every = Number("--checkpoint-every", "Steps between two checkpoints.", Defaults.CheckpointEvery).Within(1, int.MaxValue);

    private readonly Option<int> _seed = Number("--seed", "Decides order, samples and fresh weights.", Defaults.Seed);

    private readonly Option<string[]> _licenses = new("--licenses", "--licences")
    {
        Description = "License classes to learn from, such as MIT,CC-BY-4.0; 'all' takes every one. Default: all but research and research-upstream.",
        HelpName = "NAMES",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly CommonOptions _common = new();

    public static Command Create()
    {
        var switches = new TrainCommand();
        var command = new Command("train", "Trains a model for clicks, boxes and names on images with masks of wholes and parts.");
        foreach (var option in new Option[]
        {
            switches._data, switches._output, switches._init, switches._resume, switches._steps, switches._batch, switches._size, switches._rate, switches._warmUp, switches._every,
            switches._seed, switches._licenses, switches._common.Device, switches._common.Threads, switches._common.Quiet,
        }) command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(switches._output) is { Tokens: [{ Value.Length: > 0 } folder] }
                    && Refusal(folder.Value, result.GetResult(switches._resume) is { Implicit: false }) is { } why)
                result.AddError(why);
        });
        command.Does(switches.Run);
        return command;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        var streams = Streams.Of(parsed);
        bool quiet = parsed.GetValue(_common.Quiet);
        string folder = parsed.GetRequiredValue(_output);
        var device = _common.Read(parsed).Apply();
        using var trainer = Trainer.Create(parsed.GetRequiredValue(_data), folder, Options(parsed), parsed.GetValue(_init), parsed.GetValue(_resume), device);
        bool done = await new ProgressDisplay(streams.Error, quiet).Run("training", ProgressUnit.Steps, progress =>
            trainer.RunAsync(new ProgressDisplay.Direct<TrainingProgress>(now => progress.Report(new(now.Step, now.Steps, null, Line(now)))), cancellation));
        if (!quiet) await streams.Output.WriteLineAsync(done ? $"done: the model is in {folder}" : $"stopped after step {trainer.Step}; --resume continues");
        return done ? ExitCodes.Ok : ExitCodes.Interrupted;
    }

    private TrainerOptions Options(ParseResult parsed) => new()
    {
        Steps = parsed.GetValue(_steps),
        Batch = parsed.GetValue(_batch),
        LearningRate = parsed.GetValue(_rate),
        WarmUp = parsed.GetValue(_warmUp),
        CheckpointEvery = parsed.GetValue(_every),
        Seed = parsed.GetValue(_seed),
        Filter = Filter(parsed.GetValue(_licenses)),
        Samples = new SampleOptions { Size = parsed.GetValue(_size) },
    };

    /// <summary>Whether a training is in the folder decides whether it can start or be resumed.</summary>
    private static string? Refusal(string folder, bool resume)
    {
        string state = Path.Combine(folder, TrainingState.File);
        if (File.Exists(state) == resume) return null;
        return resume
            ? $"--resume: there is no training in '{folder}' to continue."
            : $"'{folder}' holds a training already: --resume continues it, another --out starts a new one.";
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };

    private static DatasetFilter Filter(string[]? licenses)
    {
        string[] names = [.. (licenses ?? []).SelectMany(l => l.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        if (names.Length == 0) return DatasetFilter.NotResearch;
        return names is ["all"] ? new DatasetFilter() : new DatasetFilter { OnlyLicenses = names.ToHashSet() };
    }

    /// <summary>A line of metrics, which stays on the screen; null between two of them.</summary>
    private static string? Line(TrainingProgress now) => now.Metrics is null ? null : string.Create(CultureInfo.InvariantCulture,
        $"step {now.Step}/{now.Steps}{string.Concat(now.Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"  {m.Key} {m.Value:f3}")))}");
}
