using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Output.Progress;
using SemanticSam.Cli.Requests;
using SemanticSam.Formats;
using SemanticSam.Formats.Shapes;
using SemanticSam.Formats.Text;
using SemanticSam.Foundation;

namespace SemanticSam.Cli.Verbs;

/// <summary>How masks are written where a format has the choice.</summary>
internal enum MaskStyle
{
    /// <summary>As run lengths or pixels.</summary>
    Pixels,

    /// <summary>As polygons.</summary>
    Polygons,
}

/// <summary><c>semsam convert</c>: annotated sets from one format to another.</summary>
internal sealed class ConvertCommand
{
    private readonly Argument<string> _input = new("INPUT") { Description = "A file or folder of annotations; its format is told from its content." };

    private readonly Option<string> _to = new Option<string>("--to")
    {
        Description = $"Format to write: {List(AnnotationFormats.Writable)}.", HelpName = "FORMAT", Required = true,
    }
        .Check(name => Problem(name, AnnotationFormats.Writable, f => $"{f} can only be read; --to takes {List(AnnotationFormats.Writable)}."));

    private readonly Option<string> _output = new Option<string>("--out")
    {
        Description = "A file for coco and cvat, else a folder.", HelpName = "PATH", Required = true,
    }.NotEmpty("file or a folder");

    private readonly Option<string?> _from = new Option<string?>("--from")
    {
        Description = $"Format of INPUT: {List(AnnotationFormats.Readable)}.", HelpName = "FORMAT",
    }
        .Check(name => Problem(name!, AnnotationFormats.Readable, f => $"{f} can only be written; --from takes {List(AnnotationFormats.Readable)}."));

    private readonly Option<string?> _images = new("--images")
    {
        Description = "Folder of the images: yolo is read with their sizes, cut-outs are made of them.", HelpName = "FOLDER",
    };

    private readonly Option<string?> _names =
        new("--names")
    {
        Description = "A file with one class name a line: names where INPUT has none, and the numbers of classes in what is written.", HelpName = "FILE",
    };

    private readonly Option<MaskStyle?> _masks = Choice<MaskStyle>("--masks",
        "Write masks as pixels (exact) or polygons, where there is a choice: coco, labelme, cvat.", "pixels|polygons");

    private readonly Option<PolygonRule?> _rule =
        Choice<PolygonRule>("--rule",
            "Which pixels polygons cover when written: center or inclusive. Default: as the format's own tools do, see docs/formats.md.", "RULE");

    private readonly Option<PolygonRule?> _readRule = Choice<PolygonRule>("--read-rule", "The same for reading.", "RULE");

    private readonly Option<double> _tolerance = new Option<double>("--tolerance")
    {
        Description = "Polygons may leave out corners that matter by no more than so many pixels. Default 0: exact.", HelpName = "PIXELS",
    }.Check(given => given is >= 0 and <= 1000 ? null : $"--tolerance is {given.ToString(CultureInfo.InvariantCulture)}; it is 0 to 1000 pixels.");

    private readonly Option<bool> _split =
        new("--split-islands") { Description = "yolo: write each island of a mask as an object of its own instead of joining them by lines." };

    private readonly Option<bool> _keepIds = new("--keep-ids") { Description = "coco: keep ids of images and annotations. Default when INPUT is coco, too." };

    private readonly Option<bool> _strict =
        new("--strict") { Description = "Refuse INPUT at the first thing that is not as its format has it, instead of repairing or leaving it out." };

    private readonly Option<string?> _encoding = new Option<string?>("--encoding")
    {
        Description = "Encoding of texts in INPUT that are not UTF-8, such as gb18030, shift_jis or windows-1252.", HelpName = "NAME",
    }.Check(name => TextEncodings.Find(name!) is null ? $"--encoding {name}: such an encoding is not known; gb18030, shift_jis and windows-1252 are examples."
        : null);

    private readonly Option<string?> _reference = new("--reference")
    {
        Description = "The COCO file whose images and categories a list of COCO results speaks of. Default: the one beside it.", HelpName = "FILE",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print what was done as JSON." };

    private readonly Option<bool> _quiet = new("--quiet") { Description = "Print nothing but problems." };

    public static Command Create()
    {
        var switches = new ConvertCommand();
        var command = new Command("convert", "Converts annotations between formats.") { switches._input };
        foreach (var option in new Option[]
        {
            switches._to, switches._output, switches._from, switches._images, switches._names, switches._masks, switches._rule, switches._readRule,
            switches._tolerance, switches._split, switches._keepIds, switches._strict, switches._encoding, switches._reference, switches._json, switches._quiet,
        }) command.Options.Add(option);
        command.Validators.Add(switches.Validate);
        command.Does(switches.Run);
        return command;
    }

    private void Validate(CommandResult result)
    {
        if (result.GetResult(_output) is { Tokens: [{ Value.Length: > 0 } to] }
            && result.GetResult(_input) is { Tokens: [{ Value.Length: > 0 } from] } && Path.GetFullPath(to.Value) == Path.GetFullPath(from.Value))
            result.AddError("--out is INPUT; it would be overwritten while it is read.");
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancellation)
    {
        var streams = Streams.Of(parsed);
        string path = parsed.GetRequiredValue(_output);
        if (parsed.GetValue(_images) is { } images && !Directory.Exists(images))
            throw new DirectoryNotFoundException($"--images: there is no folder '{images}'.");
        using var problems = new ProblemLines(streams.Error, path.TrimEnd('/', '\\') + ".problems.txt");
        var format = AnnotationFormats.Parse(parsed.GetRequiredValue(_to));
        bool quiet = parsed.GetValue(_quiet);
        using var reader = AnnotationFiles.Open(parsed.GetRequiredValue(_input),
            parsed.GetValue(_from) is { } source ? AnnotationFormats.Parse(source) : null, new()
        {
            Images = parsed.GetValue(_images), Names = parsed.GetValue(_names), Problem = problems.Add,
            InclusivePolygons = Inclusive(parsed.GetValue(_readRule)),
            Strict = parsed.GetValue(_strict), Encoding = parsed.GetValue(_encoding), Reference = parsed.GetValue(_reference),
        });
        var options = new AnnotationWriteOptions
        {
            Categories = parsed.GetValue(_names) is { } names ? Declared(names, parsed.GetValue(_encoding), reader.Categories) : reader.Categories,
            KeepIds = parsed.GetValue(_keepIds) || reader.HasUniqueIds, Images = parsed.GetValue(_images),
            Polygons = parsed.GetValue(_masks) is { } style ? style == MaskStyle.Polygons : null,
            InclusivePolygons = Inclusive(parsed.GetValue(_rule)), Tolerance = parsed.GetValue(_tolerance),
            SplitIslands = parsed.GetValue(_split), Problem = problems.Add,
        };
        using var writer = OutputException.Guard(() => AnnotationFiles.Create(path, format, options));
        await new ProgressDisplay(streams.Error, quiet).Run("converting", ProgressUnit.Images, progress => Task.FromResult(OutputException.Guard(() =>
        {
            reader.CopyTo(writer,
                new ProgressDisplay.Direct<int>(done => progress.Report(new(done, reader.Count is { } count ? Math.Max(count, done) : null))), cancellation);
            return writer.Written;
        })));
        problems.Finish();
        if (parsed.GetValue(_json)) Printing.Line(streams.Output, ToJson(writer, format, path, problems));
        else if (!quiet) Printing.Line(streams.Output, Summary(writer, format, path, problems));
        return problems.ExitCode;
    }

    private static bool? Inclusive(PolygonRule? rule) => rule is null ? null : rule == PolygonRule.Inclusive;

    /// <summary>The names of a file, by which classes are numbered; what INPUT declares besides follows.</summary>
    private static List<AnnotationCategory> Declared(string names, string? encoding, IReadOnlyList<AnnotationCategory> read)
    {
        var declared = ClassNames.Of("", names, encoding, new(_ => { })).Select(n => new AnnotationCategory(n.Key, NameBlanks.Tidy(n.Value)))
            .ToList();
        var known = declared.Select(c => c.Name).ToHashSet();
        long last = declared.Count == 0 ? 0 : declared.Max(c => c.Id);
        // A name of the list with what INPUT knows of it: its supercategory, and whether it is a part.
        var byName = read.DistinctBy(c => c.Name).ToDictionary(c => c.Name, StringComparer.Ordinal);
        for (int i = 0; i < declared.Count; i++)
            if (byName.TryGetValue(declared[i].Name, out var same)) declared[i] = same with { Id = declared[i].Id };
        foreach (var category in read)
            if (known.Add(category.Name)) declared.Add(category with { Id = ++last });
        return declared;
    }

    private static string Summary(AnnotationWriter writer, AnnotationFormat format, string path, ProblemLines problems)
    {
        var (images, annotations) = writer.Written;
        string text = string.Create(CultureInfo.InvariantCulture, $"wrote {images} image{(images == 1 ? "" : "s")}, {annotations} " +
            $"mask{(annotations == 1 ? "" : "s")} as {AnnotationFormats.Name(format)} to {path}");
        if (writer.Loss.Inexact > 0)
            text += string.Create(CultureInfo.InvariantCulture,
                $"; {writer.Loss.Inexact} of {writer.Loss.Masks} masks do not come back exactly: IoU {writer.Loss.MeanIou:f4} on average, " +
                    $"{writer.Loss.LeastIou:f4} at least");
        if (problems.Groups.Count > 0) text += $"; {problems.Summary()}, see above";
        return text;
    }

    private static string ToJson(AnnotationWriter writer, AnnotationFormat format, string path, ProblemLines problems) => JsonSerializer.Serialize(new
    {
        Path = path, Format = AnnotationFormats.Name(format), writer.Written.Images, Masks = writer.Written.Annotations,
        LeftOut = problems.Groups[FormatOutcome.LeftOut], KeptInPart = problems.Groups[FormatOutcome.Kept],
        Repaired = problems.Groups[FormatOutcome.Repaired], Assumed = problems.Groups[FormatOutcome.Noted],
    }, JsonSettings.Indented);

    /// <summary>One of an enum's values, by its name in lower case.</summary>
    private static Option<T?> Choice<T>(string name, string description, string help) where T : struct, Enum => new(name)
    {
        Description = description, HelpName = help,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            foreach (var value in Enum.GetValues<T>())
                if (text.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase)) return value;
            result.AddError($"{name} is '{text}'; there are {string.Join(" and ", Enum.GetNames<T>()).ToLowerInvariant()}.");
            return null;
        },
    };

    /// <summary>What is wrong with the name of a format; null if nothing is.</summary>
    private static string? Problem(string name, IReadOnlyList<AnnotationFormat> allowed, Func<string, string> otherwise)
    {
        try
        {
            var format = AnnotationFormats.Parse(name);
            return allowed.Contains(format) ? null : otherwise(AnnotationFormats.Name(format));
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    private static string List(IEnumerable<AnnotationFormat> formats) => string.Join(", ", formats.Select(AnnotationFormats.Name));
}
