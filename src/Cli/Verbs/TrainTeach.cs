using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Training.Data;
using SemanticSam.Training.Nano.Teaching;
using Spectre.Console;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam train --recipe teach</c>: further names for a model of the embedded family, from a few annotated pictures of one's own.</summary>
internal sealed class TrainTeach(TrainSwitches switches)
{
    private static readonly TeachOptions Defaults = new();

    public async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        TrainSwitches.Refuse(parsed, "teach", switches.Backbone, switches.Vocabulary, switches.BackboneRate, switches.Hours, switches.Fresh, switches.WarmUp,
        switches.CheckpointEvery,
            switches.Resume);
        var streams = Streams.Of(parsed);
        bool quiet = parsed.GetValue(switches.Common.Quiet);
        string init = parsed.GetValue(switches.Init) ?? throw new UsageException("--recipe teach needs the model to teach: --init FOLDER.");
        string folder = parsed.GetRequiredValue(switches.Output);
        if (Path.GetFullPath(folder) == Path.GetFullPath(init))
            throw new UsageException($"--out {folder} is the model that is taught; name another folder, so that it can be gone back to.");
        var device = switches.Common.Read(parsed).Apply();
        var options = Options(parsed);
        var data = TeachData.Of(Load(parsed).Where(LicenseSwitch.Read(parsed.GetValue(switches.Licenses)).Takes), options.KeptAside);
        int every = parsed.GetValue(switches.LogEvery) ?? 20;
        var report = await new ProgressDisplay(streams.Error, quiet).Run("teaching", ProgressUnit.Steps, progress => Task.Run(() =>
        {
            using var teacher = new Teacher(new TaughtModel(init, parsed.GetValue(switches.Text)), data, options, device);
            var result = teacher.Run(losses =>
                progress.Report(new(teacher.Step, options.Steps, null, teacher.Step % every == 0 ? Line(teacher.Step, losses) : null)), cancellation);
            teacher.Write(folder, result);
            return result;
        }, CancellationToken.None));
        if (quiet) return ExitCodes.Ok;
        if (report is not null) Print(Printing.Console(streams.Output), report, data.Kept.Count);
        await streams.Output.WriteLineAsync($"done: {data.Learned.Count} images, {data.Names.Count} names; the model is in {folder}");
        return ExitCodes.Ok;
    }

    private TeachOptions Options(ParseResult parsed) => Defaults with
    {
        Steps = parsed.GetValue(switches.Steps) ?? Defaults.Steps,
        Batch = parsed.GetValue(switches.Batch) ?? Defaults.Batch,
        Seed = parsed.GetValue(switches.Seed) ?? Defaults.Seed,
        Size = parsed.GetValue(switches.Size) ?? Defaults.Size,
        Rate = parsed.GetValue(switches.Rate) ?? Defaults.Rate,
        Workers = parsed.GetValue(switches.Workers) ?? Defaults.Workers,
        KeptAside = parsed.GetValue(switches.KeptAside) ?? Defaults.KeptAside,
        TeachesPixels = !parsed.GetValue(switches.WordsOnly),
    };

    private WholePartDataset Load(ParseResult parsed)
    {
        string data = parsed.GetRequiredValue(switches.Data);
        using var problems = new ProblemLines(parsed.InvocationConfiguration.Error);
        var listener = DataSwitches.Listener(parsed, switches.Strict, problems);
        var set = File.Exists(Path.Combine(data, "annotations_train.json")) ? WholePartDataset.LoadSplit(data, "train", listener)
            : WholePartDataset.Load(data, parsed.GetValue(switches.ImageFolder) ?? DataSwitches.ImageFolderOf(data), listener);
        problems.Finish();
        return set;
    }

    private static string Line(int step, IReadOnlyDictionary<string, double> losses) =>
        $"step {step}{string.Concat(losses.Select(l => string.Create(CultureInfo.InvariantCulture, $"  {l.Key} {l.Value:f4}")))}";

    private static void Print(IAnsiConsole console, TeachReport report, int kept)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape($"{kept} images kept aside")) };
        foreach (string column in new[] { "name", "IoU before", "IoU after", "images", "answered where absent, before", "after" })
            table.AddColumn(new TableColumn(column) { Alignment = table.Columns.Count == 0 ? Justify.Left : Justify.Right });
        foreach (var (before, after) in report.Before.Zip(report.After))
            table.AddRow(Markup.Escape(before.Name), Number(before.Iou), Number(after.Iou), before.Pictures.ToString(CultureInfo.InvariantCulture),
                Number(before.Absent), Number(after.Absent));
        table.AddRow("mean", Mean(report.Before, f => f.Iou), Mean(report.After, f => f.Iou), "", Mean(report.Before, f => f.Absent),
            Mean(report.After, f => f.Absent));
        console.Write(table);

        static string Number(double? value) => value?.ToString("f3", CultureInfo.InvariantCulture) ?? "-";

        static string Mean(IEnumerable<NameFigures> figures, Func<NameFigures, double?> of) => Number(figures.Average(of));
    }
}
