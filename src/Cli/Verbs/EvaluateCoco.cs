using System.CommandLine;
using System.Text;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Foundation;
using SemanticSam.Training.Evaluation.Coco;

namespace SemanticSam.Cli.Verbs;

/// <summary>
/// <c>semsam evaluate --protocol coco</c>: COCO's own evaluation of detections, from a file or made by a model that is asked every name of every
/// image.
/// </summary>
internal sealed class EvaluateCoco(DataSwitches data, Option<string?> detections, Option<int?> most, CommonOptions common, Option<string?> output)
{
    public async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        string annotations = data.Annotations(parsed) ?? throw new UsageException("--protocol coco measures against a COCO file: name it by --annotations.");
        var (images, classes) = CocoFiles.ReadTruth(annotations);
        if (parsed.GetValue(most) is { } few && few < images.Count)
            images = [.. Enumerable.Range(0, few).Select(i => images[(int)((long)i * images.Count / few)])];
        IReadOnlyList<CocoSummary> summaries;
        if (parsed.GetValue(detections) is { } file) summaries = CocoFiles.Compare(images, classes, CocoFiles.ReadDetections(file, images, classes));
        else
        {
            using var model = common.Read(parsed).Open();
            if (!model.AnswersNames)
                throw new UsageException($"The model '{model.Name}' knows no names, so it detects nothing by itself; take another, or --detections FILE.");
            var found = await new ProgressDisplay(parsed.InvocationConfiguration.Error, parsed.GetValue(common.Quiet))
                .Run("detecting", progress => Task.Run(() => CocoModel.Detect(model, images, data.ImageFolder(parsed), classes, progress, cancellation),
                    CancellationToken.None));
            summaries = CocoFiles.Compare(images, classes, found);
        }
        var report = CocoReport.Of(summaries, [.. classes.Select(c => c.Name)]);
        string json = JsonSerializer.Serialize(report, JsonSettings.Indented);
        if (parsed.GetValue(output) is { } path) ResultFiles.Save((path, Encoding.UTF8.GetBytes(json + "\n")));
        var writer = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(common.Json)) Printing.Line(writer, json);
        else if (!parsed.GetValue(common.Quiet)) Printing.Guarded(() => EvaluationTables.Print(Printing.Console(writer), report));
        return ExitCodes.Ok;
    }
}
