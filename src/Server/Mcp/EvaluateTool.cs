using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using SemanticSam.Engine;
using SemanticSam.Server.Api;
using SemanticSam.Server.Images;
using SemanticSam.Server.Inference;

namespace SemanticSam.Server.Mcp;

/// <summary>What is to be measured.</summary>
/// <param name="Annotations">Path of the annotations.</param>
/// <param name="Images">Folder of the images; null for where they lie if nobody says.</param>
/// <param name="Protocols">Names of protocols; empty for all.</param>
/// <param name="Most">Images at most.</param>
/// <param name="MaxPixels">Largest image.</param>
internal sealed record EvaluationCall(string Annotations, string? Images, IReadOnlyList<string> Protocols, int Most, long MaxPixels);

/// <summary>Measures a model. It stands in a library above this one, and is handed in by the program.</summary>
internal delegate EvaluateAnswer Evaluate(SegmentationModel model, EvaluationCall call, IProgress<double> progress, CancellationToken cancellation);

/// <summary>A figure of a protocol; without a value where there was nothing to measure.</summary>
internal sealed record FigureAnswer(string Id, string Label, long Count, double? Value = null);

/// <summary>The figures of a protocol.</summary>
internal sealed record ProtocolAnswer(string Protocol, string Title, IReadOnlyList<FigureAnswer> Figures);

/// <summary>What an evaluation answers.</summary>
internal sealed record EvaluateAnswer(string Model, string Sha256, [property: Description("Images that were measured on.")] int Images, double SecondsPerImage,
    IReadOnlyList<ProtocolAnswer> Protocols)
{
    [Description("Problems by which something of the set was left out, such as images that cannot be decoded.")]
    public int Losses { get; init; }

    [Description("Problems of all kinds: what was repaired or assumed, too.")]
    public int ProblemCount { get; init; }

    [Description("The first problems.")]
    public IReadOnlyList<string> Problems { get; init; } = [];
}

/// <summary>How good the model is on annotated images. One evaluation at a time, beside the questions of others.</summary>
internal sealed class EvaluateTool(Evaluate evaluate, InferenceWorker worker, NamedFolders folders, ServerOptions options, EvaluationPlace place)
{
    private const int MostImages = 500;

    [McpServerTool(Name = "evaluate", Title = "Measure the model", ReadOnly = true, Idempotent = true, OpenWorld = false, UseStructuredContent = true,
        OutputSchemaType = typeof(EvaluateAnswer))]
    [Description("Measures the model on annotated images by the field's protocols: text, instances (COCO AP), panoptic, clicks, refinement, everything, "
        + "words, calibration. It takes seconds an image and protocol, and reports its progress.")]
    public async Task<CallToolResult> Run(
        [Description("Annotations of any format that convert reads, below a folder that the server may read.")] string annotations,
        IProgress<ProgressNotificationValue> progress,
        [Description("Folder of the images. Default: 'images' beside the annotations, else the folder they lie in.")] string? images = null,
        [Description("Protocols; all when absent.")] string[]? protocols = null,
        [Description("Images at most, spread evenly over the set; 1 to 500.")] int most = 20,
        CancellationToken cancellation = default)
    {
        if (most is < 1 or > MostImages) throw ApiException.Bad($"'most' is {most}; allowed are 1 to {MostImages}.");
        string source = folders.Existing(annotations);
        // Where the images lie by default is looked into as well, so no link of that folder may lead out.
        string looked = folders.Existing(images ?? Path.GetDirectoryName(source)!);
        string? folder = images is null ? null : looked;
        var model = worker.Model.IsFaulted ? throw new ModelUnavailableException(worker.Model.Exception.InnerException!)
            : await worker.Model.WaitAsync(cancellation).ConfigureAwait(false);
        var call = new EvaluationCall(source, folder, protocols ?? [], most, options.MaxPixels);
        var report = await place.Run(stop => evaluate(model, call, new Direct(share => progress.Report(new() { Progress = (float)share, Total = 1 })), stop),
            cancellation).ConfigureAwait(false);
        return McpResults.Of(report);
    }

    private sealed class Direct(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
