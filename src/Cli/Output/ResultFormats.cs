using System.CommandLine;
using SemanticSam.Cli.Requests;
using SemanticSam.Cli.Running;
using SemanticSam.Engine.Batch;
using SemanticSam.Formats;

namespace SemanticSam.Cli.Output;

/// <summary><c>segment --format</c>: results in other programs' formats, besides the engine's own JSON.</summary>
/// <param name="formats">Which.</param>
/// <param name="error">Where what a format cannot hold is said.</param>
internal sealed class ResultFormats(IReadOnlyList<AnnotationFormat> formats, TextWriter error)
{
    public static Option<string[]> Option() => new Option<string[]>("--format")
    {
        Description = $"Also write {Known}; several with commas or by repeating it.",
        HelpName = "FORMAT", Arity = ArgumentArity.OneOrMore,
    }.Check(given => Names(given).FirstOrDefault(n => Find(n) is null) is { } unknown ? $"--format '{unknown}' cannot be written; there are {Known}." : null);

    /// <summary>What the option says, each format once.</summary>
    public static IReadOnlyList<AnnotationFormat> Read(string[]? given) => [.. Names(given ?? []).Select(n => Find(n)!.Value).Distinct()];

    private static string Known => string.Join(", ", AnnotationFormats.Writable.Select(AnnotationFormats.Name));

    private static IEnumerable<string> Names(string[] given) => given.SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries));

    private static AnnotationFormat? Find(string name) =>
        AnnotationFormats.Writable.Cast<AnnotationFormat?>()
            .FirstOrDefault(f => AnnotationFormats.Name(f!.Value).Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// One image's results: NAME.coco.json and NAME.cvat.xml beside its other files, other formats in a folder of their own.
    /// </summary>
    /// <param name="folder">Where its other files are.</param>
    /// <param name="name">What they are called.</param>
    /// <param name="outcome">The results.</param>
    public void Write(string folder, string name, SegmentOutcome outcome)
    {
        using var problems = new ProblemLines(error);
        var image = AnnotatedImage.From(Path.GetFileName(outcome.Line.Image), outcome.Image.FullWidth, outcome.Image.FullHeight, outcome.Results);
        foreach (var format in formats)
            OutputException.Guard(() => Interruption.Uncut(() =>
            {
                using var writer = AnnotationFiles.Create(PathOf(folder, name + ".", format), format,
                    new() { Pixels = _ => outcome.Image, OutputName = name, Problem = problems.Add });
                writer.Write(image);
                writer.Complete();
            }));
        problems.Finish();
    }

    /// <summary>The results of a whole batch: coco.json, cvat.xml, and a folder for each of the others, in the batch's folder.</summary>
    /// <param name="layout">The batch's folder.</param>
    /// <param name="images">What names of images are relative to.</param>
    /// <param name="cancellation">Stops between two images.</param>
    public void WriteBatch(BatchLayout layout, string images, CancellationToken cancellation)
    {
        if (!Directory.Exists(layout.Results)) return;
        using var problems = new ProblemLines(error, layout.Results.TrimEnd(Path.DirectorySeparatorChar) + ".problems.txt");
        foreach (var format in formats)
            OutputException.Guard(() =>
            {
                using var reader = AnnotationFiles.Open(layout.Results, AnnotationFormat.Result, new() { Problem = problems.Add, MayBeEmpty = true });
                using var writer = AnnotationFiles.Create(PathOf(layout.Folder, "", format), format, new() { Images = images, Problem = problems.Add });
                reader.CopyTo(writer, cancellation: cancellation);
            });
        problems.Finish();
    }

    private static string PathOf(string folder, string prefix, AnnotationFormat format)
    {
        string name = AnnotationFormats.Name(format);
        return Path.Combine(folder,
            format switch { AnnotationFormat.Coco => $"{prefix}{name}.json", AnnotationFormat.Cvat => $"{prefix}{name}.xml", _ => name });
    }
}
