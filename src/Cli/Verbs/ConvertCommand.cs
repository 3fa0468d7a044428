using System.CommandLine;
using System.Globalization;
using SemanticSam.Cli.Output;
using SemanticSam.Formats;
using SemanticSam.Formats.Shapes;
using SemanticSam.Training.Losses;

namespace SemanticSam.Cli.Verbs;

/// <summary><c>semsam convert</c>: annotated sets from one format to another.</summary>
internal static class ConvertCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("INPUT") { Description = "A file or folder of annotations; its format is told from its content." };
        var to = new Option<string>("--to") { Description = $"Format to write: {List(AnnotationFormats.Writable)}.", HelpName = "FORMAT", Required = true };
        var output = new Option<string>("--out") { Description = "A file for coco and cvat, else a folder.", HelpName = "PATH", Required = true };
        var from = new Option<string?>("--from") { Description = $"Format of INPUT: {List(AnnotationFormats.Readable)}.", HelpName = "FORMAT" };
        var images = new Option<string?>("--images") { Description = "Folder of the pictures: yolo is read with their sizes, cut-outs are made of them.", HelpName = "FOLDER" };
        var names = new Option<string?>("--names") { Description = "A file with one class name a line, where the format does not tell them.", HelpName = "FILE" };
        var masks = new Option<string?>("--masks") { Description = "Write masks as pixels (exact) or polygons, where there is a choice: coco, labelme, cvat.", HelpName = "pixels|polygons" };
        var rule = new Option<string?>("--rule") { Description = "Which pixels polygons cover when written: center or inclusive. Default: as the format's own tools do, see docs/formats.md.", HelpName = "RULE" };
        var readRule = new Option<string?>("--read-rule") { Description = "The same for reading.", HelpName = "RULE" };
        var tolerance = new Option<double>("--tolerance") { Description = "Polygons may leave out corners that matter by no more than so many pixels. Default 0: exact.", HelpName = "PIXELS" };
        var split = new Option<bool>("--split-islands") { Description = "yolo: write each island of a mask as an object of its own instead of joining them by lines." };
        var keepIds = new Option<bool>("--keep-ids") { Description = "coco: keep ids of pictures and annotations. Default when INPUT is coco, too." };
        var quiet = new Option<bool>("--quiet") { Description = "Print nothing but problems." };
        var command = new Command("convert", "Converts annotations between formats.") { input, to, output, from, images, names, masks, rule, readRule, tolerance, split, keepIds, quiet };
        command.Does((parsed, cancellation) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            int problems = 0;
            void Problem(FormatProblem problem)
            {
                problems++;
                error.WriteLine($"semsam: {problem.ToString().ReplaceLineEndings(" ")}{FormatHints.Of(problem.Need)}");
            }
            var format = Usage(() => AnnotationFormats.Parse(parsed.GetRequiredValue(to)));
            if (!AnnotationFormats.Writable.Contains(format)) throw new UsageException($"{AnnotationFormats.Name(format)} can only be read; --to takes {List(AnnotationFormats.Writable)}.");
            AnnotationFormat? source = parsed.GetValue(from) is { } given ? Usage(() => AnnotationFormats.Parse(given)) : null;
            if (source is { } s && !AnnotationFormats.Readable.Contains(s)) throw new UsageException($"{AnnotationFormats.Name(s)} can only be written; --from takes {List(AnnotationFormats.Readable)}.");
            string path = parsed.GetRequiredValue(output);
            if (path.Length == 0) throw new UsageException("--out is empty.");
            if (Path.GetFullPath(path) == Path.GetFullPath(parsed.GetRequiredValue(input))) throw new UsageException("--out is INPUT; it would be overwritten while it is read.");
            using var reader = AnnotationFiles.Open(parsed.GetRequiredValue(input), source, new()
            {
                Images = parsed.GetValue(images), Names = parsed.GetValue(names), Problem = Problem, Rule = Rule("--read-rule", parsed.GetValue(readRule)),
            });
            var options = new AnnotationWriteOptions
            {
                Categories = reader.Categories, KeepIds = parsed.GetValue(keepIds) || reader.HasUniqueIds, Images = parsed.GetValue(images),
                Style = Style(parsed.GetValue(masks)), Rule = Rule("--rule", parsed.GetValue(rule)), Tolerance = Tolerance(parsed.GetValue(tolerance)), SplitIslands = parsed.GetValue(split), Problem = Problem,
            };
            using var writer = Writing(() => AnnotationFiles.Create(path, format, options));
            Writing(() => Convert(reader, writer, parsed.GetValue(quiet), error, cancellation));
            if (!parsed.GetValue(quiet)) Printing.Line(parsed.InvocationConfiguration.Output, Summary(writer, format, path, problems));
            return Task.FromResult(problems == 0 ? ExitCodes.Ok : ExitCodes.Failed);
        });
        return command;
    }

    private static int Convert(AnnotationReader reader, AnnotationWriter writer, bool quiet, TextWriter error, CancellationToken cancellation)
    {
        var line = quiet || reader.Count is null ? null : new ProgressLine(error, "converting");
        FormatConversion.Run(reader, writer, line is null ? null : new Direct(done => line.Report((double)done / Math.Max(reader.Count!.Value, done))), cancellation);
        return 0;
    }

    private static string Summary(AnnotationWriter writer, AnnotationFormat format, string path, int problems)
    {
        var (pictures, annotations) = writer.Written;
        string text = string.Create(CultureInfo.InvariantCulture, $"wrote {pictures} pictures, {annotations} masks as {AnnotationFormats.Name(format)} to {path}");
        if (writer.Loss.Inexact > 0)
            text += string.Create(CultureInfo.InvariantCulture, $"; {writer.Loss.Inexact} of {writer.Loss.Masks} masks do not come back exactly: IoU {writer.Loss.MeanIou:f4} on average, {writer.Loss.LeastIou:f4} at least");
        if (problems > 0) text += $"; {problems} problems, see above";
        return text;
    }

    private static double Tolerance(double given) => given is >= 0 and <= 1000 ? given : throw new UsageException($"--tolerance is {given.ToString(CultureInfo.InvariantCulture)}; it is 0 to 1000 pixels.");

    private static PolygonRule? Rule(string option, string? text) => text?.ToLowerInvariant() switch
    {
        null => null,
        "center" => PolygonRule.Center,
        "inclusive" => PolygonRule.Inclusive,
        _ => throw new UsageException($"{option} is '{text}'; there are center and inclusive."),
    };

    private static MaskStyle? Style(string? text) => text?.ToLowerInvariant() switch
    {
        null => null,
        "pixels" => MaskStyle.Pixels,
        "polygons" => MaskStyle.Polygons,
        _ => throw new UsageException($"--masks is '{text}'; there are pixels and polygons."),
    };

    private static string List(IEnumerable<AnnotationFormat> formats) => string.Join(", ", formats.Select(AnnotationFormats.Name));

    private static T Usage<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static T Writing<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException and not (FileNotFoundException or DirectoryNotFoundException) or UnauthorizedAccessException)
        {
            throw new OutputException(e.Message, e);
        }
    }

    /// <summary>Reports at once, on the thread that works.</summary>
    private sealed class Direct(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
