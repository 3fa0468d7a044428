using System.Text;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Running;
using SemanticSam.Cli.Verbs;
using SemanticSam.Engine;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Json;
using SemanticSam.Formats.Results;

namespace SemanticSam.Cli.Requests;

/// <summary>Many prompts in one run: one JSON object a line in, one out, in the same order; a line that fails says so and stops nothing.</summary>
internal static class PromptsFile
{
    /// <param name="path">The prompts file; "-" for standard input.</param>
    /// <param name="folder">Where overlays and JSON files go; null for none.</param>
    /// <param name="formats">What is written into the folder besides.</param>
    /// <param name="open">Loads the model.</param>
    /// <param name="output">One JSON object a line; null prints none, and failures go to <paramref name="error"/> instead.</param>
    /// <param name="error">For the one line that sums up the failures.</param>
    /// <param name="cancellation">Stops after the line at hand.</param>
    public static async Task<int> Run(string path, string? folder, ResultFormats formats, Func<(SegmentationModel, double)> open, TextWriter? output, TextWriter error, CancellationToken cancellation)
    {
        using var reader = Open(path);
        string origin = path == "-" ? "." : Path.GetDirectoryName(Path.GetFullPath(path))!;
        var files = folder is null ? null : new ResultFiles(folder, formats);
        var (model, load) = open();
        using var owned = model;
        using var job = new SegmentJob(model, load);
        int failed = 0, lines = 0, number = 0;
        while (await reader.ReadLineAsync(cancellation) is { } json)
        {
            number++;
            if (string.IsNullOrWhiteSpace(json)) continue;
            lines++;
            cancellation.ThrowIfCancellationRequested();
            string image = "";
            try
            {
                var line = PromptLine.Parse(json, origin);
                image = line.Image;
                var outcome = await job.Run(line, null, cancellation);
                string text = ResultJson.ToText(NameIn(json), outcome.Image.Width, outcome.Image.Height, model.Identity, outcome.Seconds, outcome.Results);
                cancellation.ThrowIfCancellationRequested();
                files?.Write(outcome, text, SegmentCommand.Marks(line));
                Printing.Line(output, text);
            }
            catch (Exception e) when (Failures.IsOfOneLine(e))
            {
                failed++;
                if (NameIn(json) is { Length: > 0 } name) image = name;
                if (output is null) await error.WriteLineAsync($"semsam: line {number}: {Failures.OneLine(e)}");
                Printing.Line(output, Failure(image, Failures.OneLine(e)));
            }
        }
        if (failed > 0 && output is not null) await error.WriteLineAsync($"semsam: {failed} of {lines} prompt lines failed; their answers say why.");
        return failed == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    public static StreamReader Open(string path)
    {
        if (path == "-") return new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        if (!File.Exists(path)) throw new PromptException(Directory.Exists(path) ? $"the prompts file '{path}' is a folder." : $"the prompts file '{path}' does not exist.");
        try
        {
            return new StreamReader(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PromptException($"the prompts file '{path}' cannot be read: {e.Message}");
        }
    }

    /// <summary>The picture's name as the line gave it; empty when the line is not even JSON, or the name no valid Unicode.</summary>
    private static string NameIn(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("image", out var image)
                && image.ValueKind == JsonValueKind.String ? image.GetString()! : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    private static string Failure(string image, string message) => Encoding.UTF8.GetString(JsonText.Bytes(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("image", image);
        writer.WriteString("error", message);
        writer.WriteEndObject();
    }));
}
