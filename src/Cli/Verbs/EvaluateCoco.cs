using System.CommandLine;
using System.Text;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Foundation;
using SemanticSam.Training.Data;
using SemanticSam.Training.Evaluation.Cases;
using SemanticSam.Training.Evaluation.Coco;

namespace SemanticSam.Cli.Verbs;

/// <summary>
/// <c>semsam evaluate --protocol coco</c>: COCO's own evaluation of detections, from a file or made by a model that is asked every name of every
/// image.
/// </summary>
internal sealed class EvaluateCoco(DataSwitches data, Option<string?> detections, Option<int?> most, CommonOptions common, Option<string?> output,
    Option<string?> page)
{
    private const int WorstOfEach = 6;

    public async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        using var problems = new ProblemLines(parsed.InvocationConfiguration.Error, command: parsed.CommandResult.Command);
        var listener = data.Listener(parsed, problems);
        var all = CocoSet.Of(data.Load(parsed, problems), listener);
        var set = all;
        if (parsed.GetValue(most) is { } few && few < all.Images.Count)
            set = all with { Images = [.. Enumerable.Range(0, few).Select(i => all.Images[(int)((long)i * all.Images.Count / few)])] };
        ILookup<long, CocoDetection> found;
        var (title, aside) = ("", "");
        if (parsed.GetValue(detections) is { } file) (found, title) = (CocoDetections.Read(file, all, listener), Path.GetFileName(Path.GetFullPath(file)));
        else
        {
            using var model = common.Read(parsed).Open();
            if (!model.AnswersNames)
                throw new UsageException($"The model '{model.Name}' knows no names, so it detects nothing by itself; take another, or --detections FILE.");
            var readable = new ReadableImages(listener);
            (set, found) = await new ProgressDisplay(parsed.InvocationConfiguration.Error, parsed.GetValue(common.Quiet))
                .Run("detecting", progress => Task.Run(() => CocoModel.Detect(model, set, readable, progress, cancellation), CancellationToken.None));
            (title, aside) = (model.Name, $"Weights {model.Sha256}");
        }
        var report = CocoReport.Of(CocoComparison.Of(set, found, listener), [.. set.Classes.Select(c => c.Name)]);
        problems.Finish();
        if (parsed.GetValue(page) is { } html) ResultFiles.Save((html, Encoding.UTF8.GetBytes(Page())));
        string json = JsonSerializer.Serialize(report, JsonSettings.Indented);
        if (parsed.GetValue(output) is { } path) ResultFiles.Save((path, Encoding.UTF8.GetBytes(json + "\n")));
        var writer = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(common.Json)) Printing.Line(writer, json);
        else if (!parsed.GetValue(common.Quiet)) Printing.Guarded(() => EvaluationTables.Print(Printing.Console(writer), report));
        return problems.ExitCode;

        string Page()
        {
            var worst = new WorstCases(WorstOfEach);
            if (CocoWorstImages.Offer(worst, set, found) == 0)
                throw new UsageException("--page shows images, and none of the annotated ones is at hand: name their folder by --image-folder.");
            string note = $"{set.Images.Count} images. Pictures show detections with a score of {CocoWorstImages.LeastScore} and more.";
            return EvaluationPage.Write(title, note, aside, [report], worst);
        }
    }
}
