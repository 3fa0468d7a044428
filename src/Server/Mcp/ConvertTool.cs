using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using SemanticSam.Formats;
using SemanticSam.Server.Images;

namespace SemanticSam.Server.Mcp;

/// <summary>What a conversion answers.</summary>
internal sealed record ConvertAnswer
{
    [Description("Format that was read.")]
    public required string From { get; init; }

    [Description("Images written.")]
    public required long Images { get; init; }

    [Description("Masks written.")]
    public required long Masks { get; init; }

    [Description("Problems by which something of the input is missing in the output.")]
    public required int Losses { get; init; }

    [Description("Problems of all kinds: what was repaired or assumed, too.")]
    public required int ProblemCount { get; init; }

    [Description("The first problems.")]
    public required IReadOnlyList<string> Problems { get; init; }
}

/// <summary>Annotated sets from one format to another, between folders that were named.</summary>
internal sealed class ConvertTool(NamedFolders folders, WritableFolders writable)
{
    [McpServerTool(Name = "convert", Title = "Convert annotations", ReadOnly = false, Destructive = true, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true, OutputSchemaType = typeof(ConvertAnswer))]
    [Description("Converts annotations of images between formats: coco, sa1b, labelme, yolo, cvat, index PNGs, mask PNGs. Paths lie below the folders that the "
        + "server may read and, for the output, write; what is there under the output's name is replaced.")]
    public Task<CallToolResult> Convert(
        [Description("A file or folder of annotations; its format is told from its content.")] string input,
        [Description("Format to write.")] AnnotationFormat to,
        [Description("A file for coco and cvat, else a folder.")] string output,
        IProgress<ProgressNotificationValue> progress,
        [Description("Format of the input, where its content does not tell.")] AnnotationFormat? from = null,
        [Description("Folder of the images: yolo is read with their sizes.")] string? images = null,
        [Description("Refuse the input at the first thing that is not as its format has it, instead of repairing or leaving it out.")] bool strict = false,
        CancellationToken cancellation = default)
    {
        string source = folders.Existing(input), target = writable.Folders.ToWrite(output);
        string? folder = images is null ? null : folders.Existing(images);
        if (to == AnnotationFormat.Cutout) throw Api.ApiException.Bad("Cut-outs are made of pixels, not of annotations: the tool 'segment' gives masks.");
        if (source == target) throw Api.ApiException.Bad("The output is the input; it would be overwritten while it is read.");
        return Task.Run(() => Written(output, target, Run), cancellation);

        CallToolResult Run()
        {
            var problems = new NotedProblems();
            var format = from ?? AnnotationFiles.Recognize(source).Format;
            using var reader = AnnotationFiles.Open(source, from, new() { Images = folder, Strict = strict, Problem = problems.Add });
            using var writer = AnnotationFiles.Create(target, to, new()
            {
                Categories = reader.Categories, KeepIds = reader.HasUniqueIds, Images = folder, Problem = problems.Add,
            });
            reader.CopyTo(writer, new Direct(done => progress.Report(new() { Progress = done, Total = reader.Count })), cancellation);
            return McpResults.Of(new ConvertAnswer
            {
                From = AnnotationFormats.Name(format), Images = writer.Written.Images, Masks = writer.Written.Annotations, Losses = problems.Losses,
                ProblemCount = problems.Count, Problems = problems.First,
            });
        }
    }

    /// <summary>A disk that is full, or a folder that cannot be written, is told by the name that the caller used for it.</summary>
    private static CallToolResult Written(string output, string target, Func<CallToolResult> run)
    {
        try
        {
            return run();
        }
        catch (IOException e)
        {
            throw new Api.ApiException(Microsoft.AspNetCore.Http.StatusCodes.Status507InsufficientStorage, "not_written",
                e.Message.Replace(target, output, StringComparison.Ordinal));
        }
    }

    private sealed class Direct(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}

/// <summary>Where tools may write.</summary>
internal sealed record WritableFolders(NamedFolders Folders);
