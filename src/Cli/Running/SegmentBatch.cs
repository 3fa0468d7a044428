using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Requests;
using SemanticSam.Cli.Verbs;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Engine.Sessions;
using SemanticSam.Formats.Coco;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Running;

/// <summary>What a batch is asked to do.</summary>
/// <param name="Folder">Where results go.</param>
/// <param name="Start">Whether it begins or goes on.</param>
/// <param name="Shard">Which part is done.</param>
/// <param name="Overlays">Whether overlays are written.</param>
/// <param name="Json">Whether the summary is JSON.</param>
/// <param name="Quiet">Whether nothing is said but errors.</param>
internal sealed record BatchRequest(string Folder, BatchStart Start, Shard Shard, bool Overlays, bool Json, bool Quiet);

/// <summary><c>semsam segment</c> of many pictures: results, errors and a manifest in a folder, with progress; see docs/batch.md.</summary>
internal static class SegmentBatch
{
    /// <summary>Asks all pictures the same.</summary>
    public static Task<int> Run(BatchRequest request, BatchInput input, PromptLine question, ResultFormats formats, Func<SegmentationModel> open, TextWriter output, TextWriter error, CancellationToken cancellation) =>
        Run(request, input, Describe(question), _ => question, question.Text.Count > 0, formats, open, output, error, cancellation);

    /// <summary>Asks what the lines of a prompts file ask. A line that cannot be read is said before anything is computed.</summary>
    public static Task<int> RunPrompts(BatchRequest request, string path, ResultFormats formats, Func<SegmentationModel> open, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        string origin = path == "-" ? Path.GetFullPath(".") : Path.GetDirectoryName(Path.GetFullPath(path))!;
        var lines = new List<(string Line, string Picture)>();
        using (var reader = PromptsFile.Open(path))
        {
            for (int number = 1; reader.ReadLine() is { } line; number++)
            {
                if (string.IsNullOrWhiteSpace(line)) continue;
                try
                {
                    lines.Add((line, Path.GetFullPath(PromptLine.Parse(line, origin).Image)));
                }
                catch (Exception e) when (Failures.IsOfOneLine(e))
                {
                    throw new PromptException($"{path}, line {number}: {Failures.OneLine(e)}");
                }
            }
        }
        if (lines.Count == 0) throw new PromptException($"the prompts file '{path}' has no line.");
        return Run(request, InputCollector.OfPrompts(lines), new JsonObject { ["prompts"] = true }, item => PromptLine.Parse(item.Prompt!, origin), byName: false, formats, open, output, error, cancellation);
    }

    private static async Task<int> Run(BatchRequest request, BatchInput input, JsonObject description, Func<BatchItem, PromptLine> question, bool byName,
        ResultFormats formats, Func<SegmentationModel> open, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var runner = new BatchRunner(input, new BatchOptions
        {
            Description = description,
            Shard = request.Shard,
            Overlays = request.Overlays ? item => SegmentCommand.Marks(question(item)) : null,
            Message = Failures.OneLine,
            Uncut = Interruption.Uncut,
        });
        using var folder = BatchFolder.Claim(request.Folder, request.Start);
        folder.RequireSame(runner.Describe(), modelKnown: false);
        using var model = open();
        if (byName && model.NamesRefusal is { } refusal) throw refusal;
        var watch = Stopwatch.StartNew();
        var meter = new BatchMeter();
        BatchProgress state;
        try
        {
            state = await BatchView.Show(meter, request.Quiet, error, progress =>
                runner.Run(folder, model, (item, session, token) => Answer(question(item), session, token), progress, cancellation));
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"semsam: interrupted after {meter.Last.Through} of {meter.Last.Assigned}; no half-written result was left, and the same command with --resume goes on."));
            return ExitCodes.Interrupted;
        }
        formats.WriteBatch(folder.Layout, input.Root, cancellation);
        if (!request.Quiet) Printing.Line(output, request.Json ? Summary(request, state, watch.Elapsed) : Sentence(request, state, watch.Elapsed));
        if (state.Failed > 0) await error.WriteLineAsync($"semsam: {state.Failed} of {state.Assigned} failed; {folder.Layout.Errors} says why.");
        return state.Failed == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<IReadOnlyList<MaskResult>> Answer(PromptLine line, ImageSession session, CancellationToken cancellation)
    {
        if (line.Everything is not { } everything)
            return session.Segment(line.ToPrompt(session.Width, session.Height), new SegmentOptions { Levels = line.Levels });
        return await session.CollectEverything(everything with { Levels = line.Levels }, null, cancellation).ConfigureAwait(false);
    }

    /// <summary>What is asked, as the manifest keeps it: everything that changes a result, in a fixed order.</summary>
    internal static JsonObject Describe(PromptLine line)
    {
        var options = new JsonObject();
        if (line.Text.Count > 0) options["text"] = new JsonArray([.. line.Text.Select(t => (JsonNode)t)]);
        if (line.Points.Count > 0) options["points"] = new JsonArray([.. line.Points.Select(p => (JsonNode)new JsonArray(p.X, p.Y, p.Positive ? 1 : 0))]);
        if (line.Box is { } box) options["box"] = new JsonArray(box.X1, box.Y1, box.X2, box.Y2);
        if (line.MaskPath is { } mask) options["mask_sha256"] = FileHash.Sha256(mask);
        if (line.Everything is { } everything) options["everything"] = JsonSerializer.SerializeToNode(everything with { Levels = null }, Members);
        if (line.Levels is { } levels) options["levels"] = new JsonArray([.. levels.Select(l => (JsonNode)GranularityMap.Name(l))]);
        return options;
    }

    /// <summary>What is null is the model's own setting, and the model is in the manifest.</summary>
    private static JsonSerializerOptions Members { get; } = new(Printing.Json)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static double Rate(BatchProgress state, TimeSpan time) => (state.Done + state.Failed) / Math.Max(time.TotalSeconds, 1e-3);

    private static string Sentence(BatchRequest request, BatchProgress state, TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
        $"{state.Assigned} to do, {(state.Before > 0 ? $"{state.Before} done before, " : "")}{state.Done} done in {time.TotalSeconds:f1} s ({Rate(state, time):f2}/s), {state.Failed} failed: {request.Folder}");

    private static string Summary(BatchRequest request, BatchProgress state, TimeSpan time) => JsonSerializer.Serialize(new
    {
        request.Folder, Shard = request.Shard.ToString(), state.Assigned, state.Before, state.Done, state.Failed,
        Seconds = Math.Round(time.TotalSeconds, 3), PerSecond = Math.Round(Rate(state, time), 3),
    }, Printing.Json);
}
