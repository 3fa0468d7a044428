using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Foundation;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Running;

/// <summary><c>semsam segment</c> of many images: results, errors and a manifest in a folder, with progress; see docs/batch.md.</summary>
internal static class SegmentBatch
{
    /// <summary>What a batch does.</summary>
    /// <param name="Input">The images.</param>
    /// <param name="Description">What is asked, as the manifest keeps it.</param>
    /// <param name="Question">What is asked of an item.</param>
    private sealed record Work(BatchInput Input, JsonObject Description, Func<BatchItem, PromptLine> Question);

    public static async Task<int> Run(SegmentRequest request, Streams streams, CancellationToken cancellation)
    {
        var batch = request.Batch!;
        var collected = request.Question is null ? null : Collect(request, streams.Error);
        var work = request.Question is { } question ? new Work(collected!.ToInput(), Describe(question), _ => question)
            : await Prompts(request.Prompts!, cancellation);
        var noticed = new List<string>();
        var said = new NoticeLines(streams.Error);
        var runner = new BatchRun(work.Input, new BatchOptions
        {
            Description = work.Description,
            Shard = batch.Shard,
            MaxPixels = request.MaxPixels,
            Overlays = batch.Overlays ? item => work.Question(item).Marks : null,
            Message = e => Failures.OneLine(e),
            Uncut = Interruption.Uncut,
            Notices = (_, _) => [.. noticed],
            Noticed = said.Add,
        });
        using var folder = BatchFolder.Claim(request.Folder!, batch.Start);
        folder.RequireSame(runner.Describe(), modelKnown: false);
        using var model = request.Model.Open();
        if (request.Question is { Text.Count: > 0 } && model.NamesRefusal is { } refusal) throw refusal;
        var watch = Stopwatch.StartNew();
        var last = new BatchProgress();
        BatchProgress state;
        try
        {
            state = await new ProgressDisplay(streams.Error, request.Quiet).Run("segmenting", ProgressUnit.Images, progress =>
                runner.Run(folder, model, async (item, session, token) =>
                    {
                        noticed.Clear();
                        var answer = await Answer.Of(session, work.Question(item), request.Ask, null, token, noticed.Add);
                        noticed.AddRange(answer.Names.Select(n => n.Notice).OfType<string>());
                        return answer.Masks;
                    },
                    new ProgressDisplay.Direct<BatchProgress>(now =>
                {
                    last = now;
                    progress.Report(new(now.Through, now.Assigned, now.Failed > 0 ? $"{now.Failed} failed" : null));
                }), cancellation));
        }
        catch (OperationCanceledException)
        {
            await streams.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"semsam: interrupted after {last.Through} of {last.Assigned}; no half-written result was left, "
                + $"and the same command with --resume continues."));
            return ExitCodes.Interrupted;
        }
        new ResultFormats(request.Formats, streams.Error).WriteBatch(folder.Layout, work.Input.Root, cancellation);
        if (request.Json || !request.Quiet)
            Printing.Line(streams.Output, request.Json ? Summary(request, state, watch.Elapsed) : Sentence(request, state, watch.Elapsed));
        said.End();
        if (state.Failed > 0) await streams.Error.WriteLineAsync($"semsam: {state.Failed} of {state.Assigned} failed; {folder.Layout.Errors} says why.");
        foreach (string passed in folder.Unreadable) TellUnreadable(passed, streams.Error);
        return state.Failed == 0 && folder.Unreadable.Count == 0 && collected is not { Unreadable.Count: > 0 } ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static void TellUnreadable(string folder, TextWriter error) =>
        error.WriteLine($"semsam: the folder '{folder}' cannot be read and is passed over.");

    private static InputCollector Collect(SegmentRequest request, TextWriter error)
    {
        var collector = new InputCollector(request.Folder);
        foreach (string word in request.Images) collector.Add(word);
        if (request.Batch!.List is "-") collector.AddList(Console.In, ".", "-");
        else if (request.Batch.List is { } list) collector.AddList(list);
        foreach (string folder in collector.Unreadable) TellUnreadable(folder, error);
        Tell(collector.PassedOver, "are of kinds that cannot be read", "Convert them to JPEG or PNG.");
        Tell(collector.OtherEndings, "hold images, but their names end as something else,", "Rename them, or name them singly.");
        return collector;

        void Tell(IList<string> files, string what, string cure)
        {
            if (files.Count > 0)
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"semsam: {files.Count} files {what} and are passed over: " +
                    $"{string.Join(", ", files.Take(5).Select(Path.GetFileName))}{(files.Count > 5 ? ", ..." : "")}. {cure}"));
        }
    }

    /// <summary>What the lines of a prompts file ask. A line that cannot be read is said before anything is computed.</summary>
    private static async Task<Work> Prompts(string path, CancellationToken cancellation)
    {
        using var reader = PromptsReader.Open(path);
        var lines = new List<(string Line, string Image)>();
        var masks = new SortedSet<string>(StringComparer.Ordinal);
        while (await reader.NextAsync(cancellation) is { } line)
        {
            try
            {
                var read = PromptLineJson.Read(line, reader.Folder);
                lines.Add((line, Path.GetFullPath(read.Image)));
                if (read.MaskPath is { } mask) masks.Add(mask);
            }
            catch (Exception e) when (Failures.IsOfOneLine(e))
            {
                throw new PromptException($"{path}, line {reader.Number}: {Failures.OneLine(e)}");
            }
        }
        if (lines.Count == 0) throw new PromptException($"the prompts file '{path}' has no line.");
        string folder = reader.Folder;
        var description = new JsonObject { ["prompts"] = true };
        // What the masks hold is part of the question, too: another mask under the same name is another batch.
        if (masks.Count > 0)
            description["masks_sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', masks.Select(HashOf)))));
        return new(InputCollector.OfPrompts(lines), description, item => PromptLineJson.Read(item.Prompt!, folder));
    }

    /// <summary>The name of a mask and its hash; a mask that cannot be read fails with its line.</summary>
    private static string HashOf(string mask)
    {
        try
        {
            return $"{mask} {FileHash.Sha256(mask)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{mask} none";
        }
    }

    /// <summary>
    /// What is asked, as the manifest keeps it: everything that changes a result, in a fixed order. What is null is the model's own setting, and the
    /// model is in the manifest.
    /// </summary>
    internal static JsonObject Describe(PromptLine line)
    {
        var options = new JsonObject();
        if (line.Text.Count > 0) options["text"] = new JsonArray([.. line.Text.Select(t => (JsonNode)t)]);
        static JsonArray Points(IEnumerable<PointPrompt> points) => [.. points.Select(p => (JsonNode)new JsonArray(p.X, p.Y, p.Positive ? 1 : 0))];
        static JsonArray Box(BoxF box) => [box.X1, box.Y1, box.X2, box.Y2];
        if (line.Groups is [var points]) options["points"] = Points(points);
        else if (line.Groups.Count > 0) options["points"] = new JsonArray([.. line.Groups.Select(Points)]);
        if (line.Boxes is [var box]) options["box"] = Box(box);
        else if (line.Boxes.Count > 0) options["boxes"] = new JsonArray([.. line.Boxes.Select(Box)]);
        if (line.MaskPath is { } mask) options["mask_sha256"] = FileHash.Sha256(mask);
        if (line.Everything is { } everything)
            options["everything"] = JsonSerializer.SerializeToNode(everything with { Levels = null }, JsonSettings.WithoutNull);
        if (line.Levels is { } levels) options["levels"] = new JsonArray([.. levels.Select(l => (JsonNode)GranularityMap.Name(l))]);
        return options;
    }

    private static double Rate(BatchProgress state, TimeSpan time) => (state.Done + state.Failed) / Math.Max(time.TotalSeconds, 1e-3);

    private static string Sentence(SegmentRequest request, BatchProgress state, TimeSpan time) => string.Create(CultureInfo.InvariantCulture,
        $"{state.Assigned} to do, {(state.Before > 0 ? $"{state.Before} done before, " : "")}{state.Done} done in {time.TotalSeconds:f1} s " +
        $"({Rate(state, time):f2}/s), {state.Failed} failed: {request.Folder}");

    private static string Summary(SegmentRequest request, BatchProgress state, TimeSpan time) => JsonSerializer.Serialize(new
    {
        request.Folder, Shard = request.Batch!.Shard.ToString(), state.Assigned, state.Before, state.Done, state.Failed,
        Seconds = Math.Round(time.TotalSeconds, 3), PerSecond = Math.Round(Rate(state, time), 3),
    }, JsonSettings.Indented);
}
