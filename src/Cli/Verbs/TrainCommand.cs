using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Foundation;
using SemanticSam.Training;
using SemanticSam.Training.Nano;
using SemanticSam.Training.Nano.Teaching;
using SemanticSam.Training.Runs;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam train</c>: trains a model by one of the recipes.</summary>
internal sealed class TrainCommand
{
    private readonly TrainSwitches _switches = new();

    public static Command Create()
    {
        var command = new TrainCommand();
        var verb = new Command("train", "Trains a model for clicks, boxes and names on images with masks of wholes and parts.");
        command._switches.AddTo(verb);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(command._switches.Output) is { Tokens: [{ Value.Length: > 0 } folder] }
                    && Refusal(folder.Value, result.GetResult(command._switches.Resume) is { Implicit: false }) is { } why)
                result.AddError(why);
        });
        verb.Does(command.Run);
        return verb;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        var streams = Streams.Of(parsed);
        bool quiet = parsed.GetValue(_switches.Common.Quiet);
        var recipe = _switches.RecipeOf(parsed);
        var where = _switches.Common.Read(parsed);
        where.Apply();
        using var problems = new ProblemLines(streams.Error, command: parsed.CommandResult.Command);
        recipe = recipe with
        {
            Device = where.Device,
            Problem = DataSwitches.Listener(parsed, _switches.Strict, problems),
            Notice = line => { if (!quiet) streams.Error.WriteLine(line); },
        };
        using var trainer = Create(recipe);
        problems.Finish();
        bool done = await new ProgressDisplay(streams.Error, quiet).Run("training", ProgressUnit.Steps, progress =>
            trainer.RunAsync(new ProgressDisplay.Direct<TrainingProgress>(now => progress.Report(ProgressStep.Of(now, Line(now)))), cancellation));
        problems.Finish(); // images that proved to be damaged
        if (!quiet) await Tell(streams.Output, recipe, trainer, done);
        return done ? problems.ExitCode : ExitCodes.Interrupted;
    }

    private static Trainer Create(TrainingRecipe recipe)
    {
        try
        {
            return Trainer.Create(recipe);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(MessageText.OfArgument(e));
        }
    }

    /// <summary>Whether a training is in the folder decides whether it can start or be resumed.</summary>
    private static string? Refusal(string folder, bool resume)
    {
        string state = Path.Combine(folder, TrainingState.File);
        if (File.Exists(state) == resume) return null;
        return resume
            ? $"--resume: there is no training in '{folder}' to continue."
            : $"'{folder}' holds a training already: --resume continues it, another --out starts a new one.";
    }

    /// <summary>A line of metrics, which stays on the screen; null between two of them.</summary>
    private static string? Line(TrainingProgress now) => now.Metrics is null ? null : string.Create(CultureInfo.InvariantCulture,
        $"step {now.Step}/{now.Steps}{string.Concat(now.Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"  {m.Key} {m.Value:0.####}")))}");

    /// <summary>What there is now, and what comes next.</summary>
    private static async Task Tell(TextWriter output, TrainingRecipe recipe, Trainer trainer, bool done)
    {
        var teacher = trainer as Teacher;
        if (teacher?.Report is { } report) TeachTable.Print(Printing.Console(output), report, teacher.Data.Kept.Count);
        await output.WriteLineAsync((recipe, done) switch
        {
            (TeachRecipe, false) => $"stopped after step {trainer.Step}; nothing was written",
            (_, false) => $"stopped after step {trainer.Step}; --resume continues",
            (NanoRecipe nano, true) => Done(nano.Data, nano.Output),
            (TeachRecipe, true) => $"done: {teacher!.Data.Learned.Count} images, {teacher.Data.Names.Count} names; the model is in {recipe.Output}",
            _ => $"done: the model is in {recipe.Output}",
        });
    }

    /// <summary>Where a model of the recipe nano is, and the command that comes next.</summary>
    internal static string Done(string data, string output)
    {
        string model = Path.Combine(output, NanoFiles.ModelFolder);
        string set = File.Exists(Path.Combine(data, "annotations_val.json")) ? data : "FOLDER (with annotations_val.json)";
        return $"""
            done: the model is in {model}; --model {model} takes it.
            Its scores are the network's own. To make them what they promise, on images that it did not learn from:
            semsam evaluate --data {set} --model {model} --images 255 --protocol calibration --fit-calibration {Path.Combine(model, "inference.json")}
            """;
    }
}
