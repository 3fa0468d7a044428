using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using Spectre.Console;

namespace SemanticSam.Cli.Running;

/// <summary>One image: files into the folder, then the table or the JSON.</summary>
internal static class SegmentOne
{
    public static async Task<int> Run(SegmentRequest request, Streams streams, CancellationToken cancellation)
    {
        var line = request.Question!;
        var noticed = new List<string>();
        void Notice(string notice) => streams.Error.WriteLine($"semsam: {notice}");
        var image = SegmentJob.Read(line.Image, request.MaxPixels, notice =>
        {
            noticed.Add(notice);
            Notice(notice);
        }); // a bad image is said before a model is loaded
        var files = ResultFiles.For(request, streams.Error);
        using var job = new SegmentJob(request);
        var outcome = line.Everything is null
            ? await job.Run(line, null, cancellation, Notice, (image, noticed))
            : await new ProgressDisplay(streams.Error, request.Quiet)
                .Run("segmenting everything", progress => job.Run(line, progress, cancellation, Notice, (image, noticed)));
        string json = outcome.ToJson(Path.GetFileName(line.Image));
        cancellation.ThrowIfCancellationRequested();
        var written = files?.Write(outcome, json);
        files?.RequireAll();
        if (!request.Quiet)
            foreach (var name in outcome.Names)
                if (name.Notice is { } notice) await streams.Error.WriteLineAsync($"semsam: {notice}");
        if (request.Json) Printing.Line(streams.Output, json);
        else if (!request.Quiet) Print(outcome, written, streams.Output);
        return ExitCodes.Ok;
    }

    private static void Print(SegmentOutcome outcome, (string Overlay, string Json)? written, TextWriter output) => Printing.Guarded(() =>
    {
        var console = Printing.Console(output);
        ResultTable.Print(console, outcome);
        if (written is { } paths) console.MarkupLine($"wrote [bold]{Printing.Cell(paths.Overlay)}[/] and [bold]{Printing.Cell(paths.Json)}[/]");
    });
}
