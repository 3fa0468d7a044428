using System.Text;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Requests;
using SemanticSam.Formats.Json;

namespace SemanticSam.Cli.Running;

/// <summary>Many prompts in one run: one JSON object a line in, one out, in the same order; a line that fails says so and stops nothing.</summary>
internal static class SegmentPrompts
{
    public static async Task<int> Run(SegmentRequest request, Streams streams, CancellationToken cancellation)
    {
        using var reader = PromptsReader.Open(request.Prompts!);
        var files = ResultFiles.For(request, streams.Error);
        using var job = new SegmentJob(request);
        var output = request.Quiet && !request.Json ? null : streams.Output;
        int failed = 0, lines = 0;
        for (; await reader.NextAsync(cancellation) is { } json; lines++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var line = PromptLineJson.Read(json, reader.Folder);
                var outcome = await job.Run(line, null, cancellation, notice => streams.Error.WriteLine($"semsam: line {reader.Number}: {notice}"));
                string text = outcome.ToJson(PromptLineJson.ImageIn(json));
                cancellation.ThrowIfCancellationRequested();
                files?.Write(outcome, text);
                Printing.Line(output, text);
            }
            catch (Exception e) when (Failures.IsOfOneLine(e))
            {
                failed++;
                if (output is null) await streams.Error.WriteLineAsync($"semsam: line {reader.Number}: {Failures.OneLine(e)}");
                Printing.Line(output, Failure(PromptLineJson.ImageIn(json), Failures.OneLine(e)));
            }
        }
        files?.RequireAll();
        if (failed > 0 && output is not null) await streams.Error.WriteLineAsync($"semsam: {failed} of {lines} prompt lines failed; their answers say why.");
        return failed == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static string Failure(string image, string message) => Encoding.UTF8.GetString(JsonText.Bytes(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("image", image);
        writer.WriteString("error", message);
        writer.WriteEndObject();
    }));
}
