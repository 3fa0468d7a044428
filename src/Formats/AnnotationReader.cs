using SemanticSam.Formats.Shapes;

namespace SemanticSam.Formats;

/// <summary>How annotation files are read.</summary>
public sealed class AnnotationReadOptions
{
    /// <summary>The defaults.</summary>
    public static AnnotationReadOptions Default { get; } = new();

    /// <summary>Where the images are; null looks beside the annotations. Only YOLO needs them: it does not say how large they are.</summary>
    public string? Images { get; init; }

    /// <summary>A file with one name a line, for formats whose own files do not tell names; null for none.</summary>
    public string? Names { get; init; }

    /// <summary>How polygons become pixels; null takes the format's own way.</summary>
    public PolygonRule? Rule { get; init; }

    /// <summary>Told of everything that is left out or changed; null throws instead at the first.</summary>
    public Action<FormatProblem>? Problem { get; init; }
}

/// <summary>Reads an annotated set image by image; no more than one image's masks are in memory.</summary>
public abstract class AnnotationReader : IDisposable
{
    /// <summary>Opens what a derived class reads.</summary>
    private protected AnnotationReader(string path, AnnotationReadOptions options) => (Path, Options, Problems) = (path, options, new(options.Problem));

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>The names that the set declares; empty if the format declares none.</summary>
    public IReadOnlyList<AnnotationCategory> Categories { get; private protected init; } = [];

    /// <summary>How many images there are, for progress; null if only reading tells.</summary>
    public int? Count { get; private protected init; }

    /// <summary>Whether annotation ids are unique within the whole set and not only within an image.</summary>
    public virtual bool HasUniqueIds => false;

    private protected AnnotationReadOptions Options { get; }

    private protected FormatReport Problems { get; }

    /// <summary>The images, in the order of the set. Bad annotations and images are reported and left out.</summary>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="AnnotationFileException">The set as a whole cannot be read on, or something is bad and nobody listens to problems.</exception>
    public IEnumerable<AnnotatedImage> Read(CancellationToken cancellation = default)
    {
        foreach (var read in Images())
        {
            cancellation.ThrowIfCancellationRequested();
            var image = read;
            if (Options.Images is { } folder && OutputNames.TryRelative(image.FileName) is { } name) image = image with { Path = System.IO.Path.Combine(folder, name) };
            yield return ParentCheck.Sound(image, NameOf(image), Problems);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    private protected abstract IEnumerable<AnnotatedImage> Images();

    /// <summary>What messages about an image call its file.</summary>
    private protected virtual string NameOf(AnnotatedImage image) => System.IO.Path.GetFileName(Path);

    /// <summary>Closes what was opened.</summary>
    private protected virtual void Dispose(bool disposing) { }
}
