using System.CommandLine;
using SemanticSam.Cli.Running;
using SemanticSam.Engine.Batch;
using SemanticSam.Formats;
using SemanticSam.Formats.Coco;
using SemanticSam.Training.Losses;

namespace SemanticSam.Cli.Output;

/// <summary><c>segment --format</c>: results in other programs' formats, besides the engine's own JSON.</summary>
internal sealed class ResultFormats
{
    /// <summary>No format but the engine's own.</summary>
    public static readonly ResultFormats None = new([], TextWriter.Null);

    private readonly IReadOnlyList<AnnotationFormat> _formats;
    private readonly TextWriter _error;

    private ResultFormats(IReadOnlyList<AnnotationFormat> formats, TextWriter error) => (_formats, _error) = (formats, error);

    public static Option<string[]> Option() => new("--format")
    {
        Description = $"Also write {string.Join(", ", AnnotationFormats.Writable.Select(AnnotationFormats.Name))}; several with commas or by repeating it.",
        HelpName = "FORMAT", Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>What the option says.</summary>
    /// <param name="given">The option's values.</param>
    /// <param name="hasFolder">Whether there is a folder to write to.</param>
    /// <param name="error">Where what a format cannot hold is said.</param>
    /// <exception cref="UsageException">A name is no format that can be written, or there is no folder to write to.</exception>
    public static ResultFormats Read(string[]? given, bool hasFolder, TextWriter error)
    {
        if (given is null or []) return None;
        if (!hasFolder) throw new UsageException("--format writes files: name their folder with --out.");
        var formats = new List<AnnotationFormat>();
        foreach (string name in given.SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries)))
        {
            var format = AnnotationFormats.Writable.Cast<AnnotationFormat?>().FirstOrDefault(f => AnnotationFormats.Name(f!.Value).Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UsageException($"--format '{name}' cannot be written; there are {string.Join(", ", AnnotationFormats.Writable.Select(AnnotationFormats.Name))}.");
            if (!formats.Contains(format)) formats.Add(format);
        }
        return new(formats, error);
    }

    /// <summary>
    /// One picture's results: NAME.coco.json and NAME.cvat.xml beside its other files, other formats in a folder of their own.
    /// </summary>
    /// <param name="folder">Where its other files are.</param>
    /// <param name="name">What they are called.</param>
    /// <param name="outcome">The results.</param>
    public void Write(string folder, string name, SegmentOutcome outcome)
    {
        var picture = AnnotatedImage.From(Path.GetFileName(outcome.Line.Image), outcome.Image.Width, outcome.Image.Height, outcome.Results);
        foreach (var format in _formats)
            Guarded(() => Interruption.Uncut(() =>
            {
                using var writer = AnnotationFiles.Create(PathOf(folder, name + ".", format), format, new() { Pixels = _ => outcome.Image, OutputName = name, Problem = Problem });
                writer.Write(picture);
                writer.Complete();
            }));
    }

    /// <summary>The results of a whole batch: coco.json, cvat.xml, and a folder for each of the others, in the batch's folder.</summary>
    /// <param name="layout">The batch's folder.</param>
    /// <param name="images">What names of pictures are relative to.</param>
    /// <param name="cancellation">Stops between two pictures.</param>
    public void WriteBatch(BatchLayout layout, string images, CancellationToken cancellation)
    {
        if (!Directory.Exists(layout.Results)) return;
        foreach (var format in _formats)
            Guarded(() =>
            {
                using var reader = AnnotationFiles.Open(layout.Results, AnnotationFormat.Result, new() { Problem = Problem });
                using var writer = AnnotationFiles.Create(PathOf(layout.Folder, "", format), format, new() { Images = images, Problem = Problem });
                FormatConversion.Run(reader, writer, cancellation: cancellation);
            });
    }

    private void Problem(FormatProblem problem) => _error.WriteLine($"semsam: {problem.ToString().ReplaceLineEndings(" ")}{FormatHints.Of(problem.Need)}");

    private static string PathOf(string folder, string prefix, AnnotationFormat format)
    {
        string name = AnnotationFormats.Name(format);
        return Path.Combine(folder, format switch { AnnotationFormat.Coco => $"{prefix}{name}.json", AnnotationFormat.Cvat => $"{prefix}{name}.xml", _ => name });
    }

    private static void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(e.Message, e);
        }
    }
}
