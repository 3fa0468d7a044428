using System.CommandLine;
using System.Text;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Training.Evaluation;
using SemanticSam.Training.Evaluation.Calibration;
using SemanticSam.Training.Evaluation.Cases;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam evaluate</c>: how accurate a model, or a file of detections, is on annotated images.</summary>
internal sealed class EvaluateCommand
{
    private const string Coco = "coco";

    private static readonly EvaluationOptions Defaults = new();
    private static readonly string[] Known = [.. Enum.GetNames<EvaluationProtocol>().Select(n => n.ToLowerInvariant()), Coco];

    private readonly DataSwitches _data = new();

    private readonly Option<string[]> _protocols = new Option<string[]>("--protocol", "--protocols")
    {
        Description = $"What to measure, separated by commas: {string.Join(", ", Known)}. Default: all but coco.", HelpName = "NAMES",
            AllowMultipleArgumentsPerToken = true,
    }.Check(names => Split(names).FirstOrDefault(n => !Known.Contains(n)) is { } other ? $"--protocol {other}: {string.Join(", ", Known)} are known." : null);

    private readonly Option<int?> _images = new Option<int?>("--images", "--limit")
    {
        Description = "Only N images, spread evenly over the set.", HelpName = "N",
    }
        .Check(few => few < 1 ? $"--images {few} leaves nothing to measure; give 1 or more." : null);

    private readonly Option<int> _absent = new Option<int>("--absent")
    {
        Description = "Names asked of each image that it does not show.", HelpName = "N", DefaultValueFactory = _ => Defaults.AbsentNames,
    }.Within(0, 1000);

    private readonly Option<int> _everything = new Option<int>("--everything-images")
    {
        Description = "Images on which everything mode is measured.", HelpName = "N", DefaultValueFactory = _ => Defaults.EverythingImages,
    }
        .Within(1, int.MaxValue);

    private readonly Option<int> _refined = new Option<int>("--refined")
    {
        Description = "Annotations of an image that are refined by further clicks.", HelpName = "N", DefaultValueFactory = _ => Defaults.RefinedPerImage,
    }
        .Within(1, 1000);

    private readonly Option<string?> _detections = new("--detections")
    {
        Description = "With --protocol coco: a list of detections to measure instead of a model.", HelpName = "FILE",
    };

    private readonly Option<string?> _output = new("--out") { Description = "Also write the figures to this JSON file.", HelpName = "FILE" };

    private readonly Option<string?> _page = new("--page")
    {
        Description = "Also write a page with the figures and the worst cases in pictures.", HelpName = "FILE.html",
    };

    private readonly Option<string?> _fit = new("--fit-calibration")
    {
        Description = "Fit what makes scores what they promise, and write it as the section \"calibration\" of this JSON file. Masks of everything mode "
            + "take part where --protocol names calibration or everything, or is left out.",
        HelpName = "FILE",
    };

    private readonly CommonOptions _common = new();

    public static Command Create()
    {
        var switches = new EvaluateCommand();
        var command = new Command("evaluate",
            "Measures a model by the field's protocols: names, instances (COCO AP), clicks, everything mode, panoptic quality, calibration.");
        switches._data.AddTo(command);
        foreach (var option in new Option[]
        {
            switches._protocols, switches._images, switches._absent, switches._everything, switches._refined, switches._detections, switches._output,
                switches._page, switches._fit,
        }) command.Options.Add(option);
        switches._common.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(switches._detections) is { Implicit: false } && !Split(result.GetValue(switches._protocols)).SequenceEqual([Coco]))
                result.AddError("--detections are measured by --protocol coco alone.");
            if (Split(result.GetValue(switches._protocols)) is var names && names.Contains(Coco) && names.Length > 1)
                result.AddError("--protocol coco goes alone: it asks every name of every image.");
            else if (names.Contains(Coco) && result.GetResult(switches._fit) is { Implicit: false })
                result.AddError("--fit-calibration is made by the other protocols; --protocol coco looks at the order of scores alone.");
        });
        command.Does(switches.Run);
        return command;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        string[] names = Split(parsed.GetValue(_protocols));
        if (names is [Coco]) return await new EvaluateCoco(_data, _detections, _images, _common, _output, _page).Run(parsed, cancellation);
        if (parsed.GetValue(_fit) is { } file) RefuseTwice(file);
        var options = new EvaluationOptions
        {
            Protocols = names.Length == 0 ? Defaults.Protocols : [.. names.Select(n => Enum.Parse<EvaluationProtocol>(n, ignoreCase: true))],
            MaxImages = parsed.GetValue(_images), AbsentNames = parsed.GetValue(_absent), EverythingImages = parsed.GetValue(_everything),
                RefinedPerImage = parsed.GetValue(_refined),
            WorstCases = parsed.GetValue(_page) is null ? 0 : Defaults.WorstCases,
        };
        if (parsed.GetValue(_fit) is not null)
            options = options with
            {
                FitsJudges = true, FitsFoundMasks = options.Protocols.Any(p => p is EvaluationProtocol.Calibration or EvaluationProtocol.Everything),
                Protocols = [.. options.Protocols.Append(EvaluationProtocol.Calibration).Distinct()],
            };
        using var problems = new ProblemLines(parsed.InvocationConfiguration.Error, command: parsed.CommandResult.Command);
        var set = _data.Load(parsed, problems);
        problems.Finish();
        using var model = _common.Read(parsed).Open();
        var evaluator = new Evaluator(model, set, options with { Problem = _data.Listener(parsed, problems) });
        var report = await new ProgressDisplay(parsed.InvocationConfiguration.Error, parsed.GetValue(_common.Quiet))
            .Run("evaluating", progress => Task.Run(() => evaluator.Run(progress, cancellation), CancellationToken.None));
        if (parsed.GetValue(_page) is { } page) ResultFiles.Save((page, Encoding.UTF8.GetBytes(EvaluationPage.Write(report, evaluator.Worst))));
        if (parsed.GetValue(_fit) is { } curves) Fit(parsed, curves, evaluator);
        Tell(parsed, report);
        problems.Finish();
        return problems.ExitCode;
    }

    private void Tell(ParseResult parsed, EvaluationReport report)
    {
        string json = report.ToJson();
        if (parsed.GetValue(_output) is { } file) ResultFiles.Save((file, Encoding.UTF8.GetBytes(json + "\n")));
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_common.Json)) Printing.Line(output, json);
        else if (!parsed.GetValue(_common.Quiet)) Printing.Guarded(() => EvaluationTables.Print(Printing.Console(output), report));
    }

    private void Fit(ParseResult parsed, string file, Evaluator evaluator)
    {
        var written = OutputException.Guard(() => CalibrationFile.Write(file, evaluator.Scores));
        if (parsed.GetValue(_common.Quiet)) return;
        parsed.InvocationConfiguration.Error.WriteLine(written.Count == 0 ? $"semsam: too few scores to fit a curve; {file} has an empty section."
            : $"semsam: {file} has curves for {string.Join(", ", written)}.");
    }

    /// <summary>A model that reads this file would give scores that are calibrated already.</summary>
    private static void RefuseTwice(string file)
    {
        if (CalibrationFile.IsIn(file))
            throw new UsageException($"--fit-calibration {file}: it has a section \"{CalibrationFile.Section}\" already, and a fit has to be made to "
                + "raw scores; take the section out first, or name another file.");
    }

    private static string[] Split(string[]? names) =>
        [.. (names ?? []).SelectMany(n => n.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(n => n.ToLowerInvariant()).Distinct()];
}
