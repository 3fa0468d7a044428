using SemanticSam.Engine;
using SemanticSam.Formats;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Requests;

/// <summary>How a prompt is answered, where it is not by its masks: by the parts of what is there, or by its whole.</summary>
internal delegate IReadOnlyList<MaskResult> PlaceQuestion(ImageSession session, Prompt prompt);

/// <summary>What <c>segment</c>, <c>parts</c> and <c>whole</c> are asked to do: read from the command line once, checked, and handed on as it is.</summary>
internal sealed record SegmentRequest
{
    /// <summary>What the command line names: images, folders, patterns, lists. Empty with <see cref="Prompts"/>.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>A prompts file; "-" for standard input, null for none.</summary>
    public string? Prompts { get; init; }

    /// <summary>What all images are asked; null with <see cref="Prompts"/>. Of a single image it has the path.</summary>
    public PromptLine? Question { get; init; }

    /// <summary>How places are answered; null for their masks.</summary>
    public PlaceQuestion? Ask { get; init; }

    /// <summary>Where results go; null for nowhere.</summary>
    public string? Folder { get; init; }

    /// <summary>What is written into the folder besides.</summary>
    public IReadOnlyList<AnnotationFormat> Formats { get; init; } = [];

    /// <summary>A file of what encoding gives: read if it is there, else written. Null for none.</summary>
    public string? Features { get; init; }

    /// <summary>Pixels of the largest image.</summary>
    public required long MaxPixels { get; init; }

    /// <summary>What makes it a batch; null if it is none.</summary>
    public BatchRequest? Batch { get; init; }

    /// <summary>What computes.</summary>
    public required ModelRequest Model { get; init; }

    /// <summary>Whether JSON is printed instead of a table.</summary>
    public bool Json { get; init; }

    /// <summary>Whether nothing is printed but errors.</summary>
    public bool Quiet { get; init; }
}

/// <summary>Where a verb prints.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Streams(TextWriter Output, TextWriter Error)
{
    public static Streams Of(System.CommandLine.ParseResult parsed) => new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
}
