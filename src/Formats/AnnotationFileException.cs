using SemanticSam.Foundation;

namespace SemanticSam.Formats;

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
}

/// <summary>Something that was left out or changed, and why. Nothing is left out without one.</summary>
/// <param name="File">The file it stands in.</param>
/// <param name="Place">Line, annotation or key; may be empty.</param>
/// <param name="What">What is wrong and what was done.</param>
public sealed record FormatProblem(string File, string Place, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}: {(Place.Length == 0 ? "" : Place + ": ")}{What}.";
}
