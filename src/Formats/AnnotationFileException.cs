using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>What an annotation file cannot be read or written without, though the caller could give it.</summary>
internal enum AnnotationNeed
{
    /// <summary>Which format it is, since it holds several.</summary>
    Format,

    /// <summary><see cref="AnnotationReadOptions.Names"/>.</summary>
    Names,

    /// <summary><see cref="AnnotationReadOptions.Images"/> or <see cref="AnnotationWriteOptions.Images"/>.</summary>
    Images,

    /// <summary><see cref="AnnotationReadOptions.Encoding"/>.</summary>
    Encoding,

    /// <summary><see cref="AnnotationReadOptions.Reference"/>.</summary>
    Reference,
}

/// <summary>An annotation file is damaged, hostile, or of no known format. The message names the file, the place in it and what is wrong.</summary>
/// <param name="file">The file.</param>
/// <param name="place">Line, annotation or key; empty for the file as a whole.</param>
/// <param name="what">What is wrong, without a full stop.</param>
/// <param name="inner">What brought it up.</param>
public sealed class AnnotationFileException(string file, string place, string what, Exception? inner = null)
    : SemanticSamException($"{file}: {(place.Length == 0 ? "" : place + ": ")}{what}.", inner)
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>Line, annotation or key; empty for the file as a whole.</summary>
    public string Place { get; } = place;

    /// <summary>What is wrong.</summary>
    public string What { get; } = what;

    /// <inheritdoc/>
    public override string Code => Need is { } need ? CodeOf("annotation_needs", need) : "annotation_unreadable";

    /// <summary>What the caller could give to mend it; null when nothing would.</summary>
    internal AnnotationNeed? Need { get; init; }
}
