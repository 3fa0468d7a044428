using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Foundation;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation;
using Spectre.Console;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam evaluate</c>: how accurate a model is on annotated images.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Folder with images/SPLIT and annotations_SPLIT.json.", Required = true, HelpName = "FOLDER" };
        var split = new Option<string>("--split") { Description = "Which split.", DefaultValueFactory = _ => "val", HelpName = "NAME" };
        var limit = new Option<int?>("--limit") { Description = "Only N images, spread evenly over the set.", HelpName = "N" }
            .Check(few => few < 1 ? $"--limit {few} leaves nothing to measure; give 1 or more." : null);
        var output = new Option<string?>("--out") { Description = "Also write the figures to this JSON file.", HelpName = "FILE" };
        var common = new CommonOptions();
        var command = new Command("evaluate", "Measures a model: 1-click IoU, text IoU, false positives, beside the best constant guesses.") { data, split, limit, output };
        common.AddTo(command);
        command.Does(async (parsed, cancellation) =>
        {
            var set = WholePartDataset.LoadSplit(parsed.GetValue(data)!, parsed.GetValue(split)!);
            using var model = common.Read(parsed).Open();
            var evaluator = new Evaluator(model, set, new EvaluationOptions { MaxImages = parsed.GetValue(limit) });
            var error = parsed.InvocationConfiguration.Error;
            bool quiet = parsed.GetValue(common.Quiet);
            var report = await new ProgressDisplay(error, quiet).Run("evaluating", progress => Task.FromResult(evaluator.Run(progress, cancellation)));
            string json = JsonSerializer.Serialize(report, JsonSettings.Indented);
            if (parsed.GetValue(output) is { } file) ResultFiles.Save((file, System.Text.Encoding.UTF8.GetBytes(json + "\n")));
            if (parsed.GetValue(common.Json)) Printing.Line(parsed.InvocationConfiguration.Output, json);
            else if (!quiet) Print(Printing.Console(parsed.InvocationConfiguration.Output), report);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Print(IAnsiConsole console, EvaluationReport report)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape($"{report.Model}, {report.Images} images")) };
        foreach (string column in new[] { "measure", "model", "best constant guess", "over" })
            table.AddColumn(new TableColumn(column) { Alignment = column == "measure" ? Justify.Left : Justify.Right });
        void Row(string name, Figure figure) => table.AddRow(name, Number(figure.Value), Number(figure.Constant), figure.Count.ToString(CultureInfo.InvariantCulture));
        Row("1-click IoU, best of six", report.ClickBestOfSix);
        Row("1-click IoU, highest predicted IoU", report.ClickByScore);
        Row("  best of six, wholes", report.ClickWholes);
        Row("  best of six, parts", report.ClickParts);
        Row("  best of six, weak parts", report.ClickWeakParts);
        Row("text mIoU, wholes present", report.TextWholes);
        Row("text mIoU, parts present", report.TextParts);
        Row("text mIoU, parts present that are not weak", report.TextStrongParts);
        Row("false positives for absent names", report.FalsePositives);
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.SecondsPerImage:f2} s an image"));
    }

    private static string Number(double? value) => value?.ToString("f3", CultureInfo.InvariantCulture) ?? "-";
}
