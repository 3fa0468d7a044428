using System.CommandLine;
using System.Diagnostics;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Requests;
using SemanticSam.Cli.Running;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Engine.Sessions;
using SemanticSam.Formats.Coco;
using SemanticSam.Formats.Results;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;
using SemanticSam.Masks;
using Spectre.Console;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam segment</c>: masks for points, boxes, seeds, names or everything, of one picture or of many.</summary>
internal static class SegmentCommand
{
    public static Command Create()
    {
        var image = new Argument<string[]>("picture") { Description = "JPEG, PNG or WebP; for a batch several of them, folders, patterns such as 'photos/**/*.jpg', or @LIST.", Arity = ArgumentArity.ZeroOrMore };
        var everything = new Option<bool>("--everything") { Description = "Segment everything: a grid of clicks." };
        var grid = new Option<int?>("--points-per-side") { Description = "With --everything: clicks along each side.", HelpName = "N" };
        var crops = new Option<int?>("--crops") { Description = "With --everything: layers of crops, each encoded by itself; finds small things, takes long. Default 0.", HelpName = "LAYERS" };
        var memory = new Option<int?>("--max-memory") { Description = "With --everything: megabytes for clicks and masks in work. Default 512.", HelpName = "MB" };
        var features = new Option<string?>("--features") { Description = "What encoding the picture gives: taken from this file if it is there, else written to it.", HelpName = "FILE" };
        var prompts = new Option<string?>("--prompts") { Description = "A file with one JSON object a line: many pictures and prompts in one run; '-' reads standard input.", HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = "Folder for overlay pictures and JSON files. Default: out, or none with --json or --prompts.", HelpName = "FOLDER" };
        var format = ResultFormats.Option();
        var places = new PlaceOptions();
        var batch = new BatchSwitches();
        var common = new CommonOptions();
        var command = new Command("segment", "Segments a picture by points, box, mask, names, or everything in it.") { image, everything, grid, crops, memory, features, prompts, output, format };
        places.AddTo(command);
        batch.AddTo(command);
        common.AddTo(command);
        command.Does(async (parsed, cancellation) =>
        {
            string? file = parsed.GetValue(prompts);
            string[] pictures = parsed.GetValue(image) ?? [];
            bool many = batch.IsBatch(parsed, pictures), some = pictures.Length > 0 || parsed.GetValue(batch.List) is not null;
            if (some == file is not null)
                throw new UsageException("give either a picture or --prompts FILE.");
            if (file is not null && places.Given(parsed).Append(parsed.GetValue(everything) ? "--everything" : null).FirstOrDefault(o => o is not null) is { } beside)
                throw new UsageException($"{beside} says nothing beside --prompts: each line of the file says itself what it asks.");
            if (parsed.GetValue(grid) is not null && !parsed.GetValue(everything))
                throw new UsageException("--points-per-side goes with --everything.");
            foreach (var option in new[] { crops, memory })
                if (parsed.GetValue(option) is not null && !parsed.GetValue(everything))
                    throw new UsageException($"{option.Name} goes with --everything.");
            if (parsed.GetValue(memory) is < 1)
                throw new UsageException($"--max-memory {parsed.GetValue(memory)}: at least 1 (MB) is needed.");
            if (parsed.GetValue(features) is not null && (many || file is not null))
                throw new UsageException("--features is of one picture; leave it out for many.");
            bool json = parsed.GetValue(common.Json) || file is not null;
            var (standardOutput, standardError) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var request = many ? new BatchRequest(ResultFiles.Checked(parsed.GetValue(output) ?? "out"), parsed.GetValue(batch.Resume) ? BatchStart.Resume : BatchStart.Afresh, batch.Part(parsed),
                parsed.GetValue(batch.Overlays), parsed.GetValue(common.Json), parsed.GetValue(common.Quiet)) : null;
            string? folder = parsed.GetValue(output) ?? (json ? null : "out");
            var formats = ResultFormats.Read(parsed.GetValue(format), request is not null || folder is not null, standardError);
            if (request is not null && file is not null)
                return await SegmentBatch.RunPrompts(request, file, formats, () => common.OpenModel(parsed), standardOutput, standardError, cancellation);
            if (file is not null)
                return await PromptsFile.Run(file, folder, formats, () => OpenModel(parsed, common), parsed.GetValue(common.Quiet) ? null : parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error, cancellation);

            var line = places.Read(parsed, request is null ? pictures[0] : "") with
            {
                Everything = parsed.GetValue(everything) ? Everything(parsed.GetValue(grid), parsed.GetValue(crops), parsed.GetValue(memory)) : null,
            };
            if (line.Everything is null && line is { Points: [], Box: null, MaskPath: null, Text: [] })
                throw new UsageException("say what to segment: --text NAMES, --point X,Y, --box X1,Y1,X2,Y2, --mask PNG or --everything.");
            if (line.Everything is not null && (line.Points.Count > 0 || line.Box is not null || line.MaskPath is not null || line.Text.Count > 0))
                throw new UsageException("--everything stands alone; leave out --point, --negative, --box, --mask and --text.");
            if (request is not null)
                return await SegmentBatch.Run(request, Collect(request, pictures, parsed.GetValue(batch.List), standardError), line, formats, () => common.OpenModel(parsed), standardOutput, standardError, cancellation);
            await RunOne(line, folder, json, parsed.GetValue(common.Quiet), () => OpenModel(parsed, common), parsed.InvocationConfiguration.Output, cancellation, formats: formats, features: parsed.GetValue(features));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static EverythingOptions Everything(int? pointsPerSide, int? cropLayers, int? megabytes)
    {
        var options = new EverythingOptions { PointsPerSide = pointsPerSide, CropLayers = cropLayers ?? 0 };
        return megabytes is { } mb ? options with { MaxMemory = (long)mb << 20 } : options;
    }

    private static BatchInput Collect(BatchRequest request, string[] words, string? list, TextWriter error)
    {
        var collector = new InputCollector(request.Folder);
        foreach (string word in words) collector.Add(word);
        if (list is not null) collector.AddList(list);
        foreach (string folder in collector.Unreadable) error.WriteLine($"semsam: the folder '{folder}' cannot be read and is passed over.");
        return collector.ToInput();
    }

    /// <summary>One picture: files into the folder, then the table or the JSON.</summary>
    public static async Task RunOne(PromptLine line, string? folder, bool json, bool quiet, Func<(SegmentationModel, double)> open, TextWriter standardOutput, CancellationToken cancellation,
        Func<ImageSession, Prompt, IReadOnlyList<MaskResult>>? ask = null, ResultFormats? formats = null, string? features = null)
    {
        var (_, width, height) = ImageDecoder.Identify(line.Image); // a bad picture is said before a model is loaded
        ImageTooSmallException.ThrowIf(width, height, line.Image);
        var files = folder is null ? null : new ResultFiles(folder, formats);
        var (model, load) = open();
        using (model)
        {
            using var job = new SegmentJob(model, load, ask, features);
            var outcome = await WithProgress(line, quiet || json, progress => job.Run(line, progress, cancellation));
            string text = ResultJson.ToText(Path.GetFileName(line.Image), outcome.Image.Width, outcome.Image.Height, model.Identity, outcome.Seconds, outcome.Results);
            cancellation.ThrowIfCancellationRequested();
            var written = files?.Write(outcome, text, Marks(line));
            if (json)
            {
                Printing.Line(standardOutput, text);
                return;
            }
            if (quiet) return;
            Printing.Guarded(() =>
            {
                var console = Printing.Console(standardOutput);
                ResultTable.Print(console, outcome);
                if (written is { } paths)
                    console.MarkupLine($"wrote [bold]{Markup.Escape(paths.Overlay)}[/] and [bold]{Markup.Escape(paths.Json)}[/]");
            });
        }
    }

    /// <summary>Loads the model, timed.</summary>
    public static (SegmentationModel, double) OpenModel(ParseResult parsed, CommonOptions common)
    {
        var watch = Stopwatch.StartNew();
        return (common.OpenModel(parsed), watch.Elapsed.TotalSeconds);
    }

    public static OverlayPrompts Marks(PromptLine line) => new()
    {
        Points = [.. line.Points.Select(p => (p.X, p.Y, p.Positive))],
        Boxes = line.Box is { } box ? [box] : [],
    };

    /// <summary>A bar while everything mode works through its grid.</summary>
    private static async Task<SegmentOutcome> WithProgress(PromptLine line, bool silent, Func<IProgress<double>?, Task<SegmentOutcome>> run)
    {
        if (silent || line.Everything is null || Console.IsErrorRedirected) return await run(null);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask("segmenting everything", maxValue: 1);
                return await run(new Progress<double>(share => task.Value = share));
            });
    }
}
