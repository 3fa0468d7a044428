using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Training;
using SemanticSam.Training.Runs;
using SemanticSam.Training.Tuning;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam tune</c>: makes a model find a user's own classes without a prompt, or draw a user's own kind of masks.</summary>
internal static class TuneCommand
{
    public static Command Create()
    {
        var switches = new TuneSwitches();
        var command = switches.CreateCommand("tune",
            "Tunes SAM, MobileSAM or the embedded model's network on annotated images (RSPrompter, SAM-seg, SAM-det, SAM-cls, SAM-PARSER, low-rank adapters).");
        command.Does((parsed, cancellation) => Run(switches.Read(parsed), parsed, cancellation));
        return command;
    }

    private static async Task<int> Run(TuneRequest request, ParseResult parsed, CancellationToken cancellation)
    {
        var streams = Streams.Of(parsed);
        void Say(string line)
        {
            if (!request.Quiet) streams.Error.WriteLine(line);
        }
        var device = request.Where.Apply();
        var data = TuningData.Load(request.Data, request.Images, Say);
        using var tuner = Create();
        if (!request.Quiet || request.DryRun) Print(streams.Output, tuner.Plan());
        int ok = data.LeftOut == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        if (request.DryRun) return ok;
        bool there = File.Exists(Path.Combine(request.Output, TrainingState.File));
        if (request.Resume && !there) Say("there is no checkpoint to resume from: the tuning begins anew");
        bool done = await Keeping(request.Output, () => Tune(request.Resume && there));
        if (!request.Quiet)
            await streams.Output.WriteLineAsync(done ? $"done: the model is in {request.Output}" : $"stopped after step {tuner.Step}; --resume continues");
        return done ? ok : ExitCodes.Interrupted;

        Task<bool> Tune(bool resume)
        {
            tuner.Begin(resume);
            return new ProgressDisplay(streams.Error, request.Quiet).Run("tuning", ProgressUnit.Steps, progress => Task.Run(() =>
                tuner.Run(new ProgressDisplay.Direct<TrainingProgress>(now => progress.Report(ProgressStep.Of(now, Line(now)))), cancellation)));
        }

        Tuner Create()
        {
            try
            {
                return Tuner.Create(data, TuneBase.Resolve(request.Model), request.Output, request.Options, device, Say);
            }
            catch (ArgumentException e)
            {
                throw new UsageException(MessageText.OfArgument(e));
            }
        }
    }

    /// <summary>Runs what writes to the output folder: a disk that is full takes nothing away, and there is a way on.</summary>
    private static async Task<bool> Keeping(string folder, Func<Task<bool>> tune)
    {
        try
        {
            return await tune();
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            string way = File.Exists(Path.Combine(folder, TrainingState.File))
                ? " What was written before is whole: once there is room, --resume goes on from it." : "";
            throw new OutputException(e.Message + way, e);
        }
    }

    private static void Print(TextWriter output, TuningPlan plan)
    {
        string Number(long n) => n.ToString("N0", CultureInfo.InvariantCulture);
        output.WriteLine(
            $"{Number(plan.Images)} images, {Number(plan.Instances)} instances of {plan.Classes.Count} classes: {string.Join(", ", plan.Classes)}");
        output.WriteLine($"trained on {plan.Base}: {Number(plan.Numbers)} numbers");
        foreach (var (part, numbers) in plan.Parts) output.WriteLine($"  {part} {Number(numbers)}");
        output.WriteLine($"{Number(plan.Steps)} steps in {Number(plan.Epochs)} epochs; "
            + (plan.Views == 0 ? "a new view in each step" : plan.Views == 1 ? "the plain images" : $"{plan.Views} views of each image"));
        output.WriteLine($"about {Printing.Bytes(plan.MemoryBytes)} of memory, {Printing.Bytes(plan.CacheBytes)} of features on disk, " +
            $"{Printing.Bytes(plan.CheckpointBytes)} for checkpoints");
    }

    private static string? Line(TrainingProgress now) => now.Metrics is null ? null : $"step {now.Step}/{now.Steps}"
        + string.Concat(now.Metrics.Where(m => m.Key[0] != 'd' && m.Key != "skipped")
            .Select(m => string.Create(CultureInfo.InvariantCulture, $"  {m.Key} {m.Value:f3}")));
}

/// <summary>The model to tune.</summary>
internal static class TuneBase
{
    /// <summary>From "nano", a name as the catalog or the original programs write it (sam-vit-b, sam_vit_b, vit_b), or a path.</summary>
    /// <exception cref="ModelNotFoundException">There is no such file; the message says what to do.</exception>
    public static BaseSource Resolve(string name)
    {
        if (name.Equals("nano", StringComparison.OrdinalIgnoreCase) || name.Equals(ModelCatalog.DefaultName, StringComparison.OrdinalIgnoreCase)
            ) return BaseSource.Embedded();
        string known = name.Replace('_', '-').ToLowerInvariant();
        if (!known.StartsWith("sam-", StringComparison.Ordinal) && known.StartsWith("vit-", StringComparison.Ordinal)) known = "sam-" + known;
        return BaseSource.Of(new ModelStore(ModelFolders.FromEnvironment()).Resolve(ModelCatalog.Find(known) is { } model ? model.Name : name));
    }
}
