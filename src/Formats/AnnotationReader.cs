using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>How annotation files are read.</summary>
public sealed class AnnotationReadOptions
{
    /// <summary>The defaults.</summary>
    public static AnnotationReadOptions Default { get; } = new();

    /// <summary>
    /// Where the images are; null looks beside the annotations. YOLO needs them, since it does not say how large they are. Of formats that do,
    /// the size of an image that is there wins over one that contradicts it.
    /// </summary>
    public string? Images { get; init; }

    /// <summary>A file of names, one a line or as docs/formats.md has it, for formats whose own files do not tell names; null for none.</summary>
    public string? Names { get; init; }

    /// <summary>The COCO file whose images and categories a list of COCO results speaks of; null looks for it beside the list.</summary>
    public string? Reference { get; init; }

    /// <summary>Encoding of texts that are not UTF-8, such as "gb18030" or "windows-1252"; null refuses them.</summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// Whether the first thing that is not as the format has it is an <see cref="AnnotationFileException"/>. Else what is good is used: repaired where
    /// that can be done, and never left out because of something beside it.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>
    /// How polygons become pixels. True: corners are cut down to whole pixels, and the pixels of the outline belong to it, as OpenCV's fillPoly and
    /// Pillow have it. False: the pixels whose centers lie inside, as pycocotools has it. Null takes the format's own way, see docs/formats.md.
    /// </summary>
    public bool? InclusivePolygons { get; init; }

    internal PolygonRule? Rule => PolygonPixels.RuleOf(InclusivePolygons);

    /// <summary>Told of everything that is left out, changed or assumed; null is as <see cref="Strict"/>.</summary>
    public Action<FormatProblem>? Problem { get; init; }

    /// <summary>
    /// Whether a folder without any file of the format that is named is a set without images, as the results of a batch are of which all failed.
    /// </summary>
    internal bool MayBeEmpty { get; init; }

    /// <summary>How names were written before, where several files are one set.</summary>
    internal NameBlanks? Blanks { get; init; }
}

/// <summary>Reads an annotated set of any format, image by image; no more than one image's masks are in memory.</summary>
public abstract class AnnotationReader : IDisposable
{
    /// <summary>Opens a set.</summary>
    /// <param name="path">File or folder.</param>
    /// <param name="format">Null to tell it from the content.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="AnnotationFileException">It is damaged, of no known format, or holds several.</exception>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    public static AnnotationReader Open(string path, AnnotationFormat? format = null, AnnotationReadOptions? options = null) =>
        AnnotationFiles.Open(path, format, options);

    /// <summary>The format of a file or folder, told from its content, and the path to open.</summary>
    /// <param name="path">File or folder.</param>
    /// <exception cref="AnnotationFileException">It is of no known format, or holds several.</exception>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    public static (AnnotationFormat Format, string Path) Recognize(string path) => AnnotationFiles.Recognize(path);

    /// <summary>Opens what a derived class reads.</summary>
    private protected AnnotationReader(string path, AnnotationReadOptions options)
    {
        (Path, Options, Problems) = (path, options, new(options.Problem, options.Strict));
        ImageFiles = options.Images is { } images ? new(images) : null;
        _blanks = options.Blanks ?? new();
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>The names that the set declares; empty if the format declares none.</summary>
    public IReadOnlyList<AnnotationCategory> Categories { get; private protected init => field = _blanks.Of(value, SetName, Problems); } = [];

    /// <summary>How many images there are, for progress; null if only reading tells.</summary>
    public int? Count { get; private protected init; }

    /// <summary>Whether annotation ids are unique within the whole set and not only within an image.</summary>
    public virtual bool HasUniqueIds => false;

    private protected AnnotationReadOptions Options { get; }

    private protected FormatReport Problems { get; }

    /// <summary>The images themselves, where a folder of them is given.</summary>
    private protected ImageFolder? ImageFiles { get; }

    /// <summary>By the last part of their names, how the pixels of images lie whose annotations were drawn on them as they are stored.</summary>
    private readonly Dictionary<string, int> _lying = [];

    /// <summary>By the last part of their names, the size of images whose annotations were drawn when they had another.</summary>
    private readonly Dictionary<string, (int Width, int Height)> _resized = [];

    /// <summary>The paths that were shortened to a name.</summary>
    private readonly Dictionary<string, string> _called = [];
    private readonly NameBlanks _blanks;
    private bool _disposed;

    /// <summary>Whether ids and parents are the engine's own, so that wrong ones are worth a word.</summary>
    private protected virtual bool HasOwnIds => true;

    /// <summary>The images, in the order of the set. Bad annotations and images are reported and left out.</summary>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="AnnotationFileException">The set as a whole cannot be read on, or something is bad and nobody listens to problems.</exception>
    public IEnumerable<AnnotatedImage> Read(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return ReadAll(cancellation);
    }

    private IEnumerable<AnnotatedImage> ReadAll(CancellationToken cancellation)
    {
        foreach (var stored in Images())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            cancellation.ThrowIfCancellationRequested();
            string last = OutputNames.LastPart(stored.FileName);
            var read = _lying.Remove(last, out int orientation) ? TurnedMasks.Upright(stored, orientation)
                : _resized.Remove(last, out var size) ? ResizedMasks.To(stored, size.Width, size.Height) : stored;
            var image = _blanks.Of(Named(read), SetName, Problems);
            if (ImageFiles is { } files)
                image = image with { Path = files.Find(read.FileName) ?? System.IO.Path.Combine(files.Folder, image.FileName) };
            yield return ParentCheck.Sound(image, NameOf(image), Problems, HasOwnIds);
        }
    }

    /// <summary>Converts: writes every image that is read to a set of another format.</summary>
    /// <param name="writer">The target; it is completed.</param>
    /// <param name="progress">Told the number of images done.</param>
    /// <param name="cancellation">Stops between two images; a target of one file then does not appear.</param>
    /// <exception cref="AnnotationFileException">As for <see cref="Read"/> and <see cref="AnnotationWriter.Write"/>.</exception>
    /// <exception cref="IOException">The target cannot be written, or what was written is gone at the end.</exception>
    public void CopyTo(AnnotationWriter writer, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        int done = 0;
        foreach (var image in Read(cancellation))
        {
            writer.Write(image);
            progress?.Report(++done);
        }
        cancellation.ThrowIfCancellationRequested();
        writer.Complete();
        writer.RequireOnDisk();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    private protected abstract IEnumerable<AnnotatedImage> Images();

    /// <summary>What messages about the whole set call it.</summary>
    private protected string SetName => System.IO.Path.GetFileName(System.IO.Path.GetFullPath(Path).TrimEnd(System.IO.Path.DirectorySeparatorChar));

    /// <summary>What messages about an image call its file.</summary>
    private protected virtual string NameOf(AnnotatedImage image) => System.IO.Path.GetFileName(Path);

    /// <summary>
    /// Columns and rows of an image. What the image itself says wins over what the file says, since masks are laid over it.
    /// </summary>
    /// <param name="v">Where problems are said.</param>
    /// <param name="name">The image's name.</param>
    /// <param name="width">What the file says; null when it says nothing that can be.</param>
    /// <param name="height">As <paramref name="width"/>.</param>
    /// <param name="own">The image's own size, where it is known already.</param>
    /// <param name="path">The image itself, where it is not one of <see cref="ImageFiles"/>.</param>
    /// <param name="drawnAsStored">
    /// Asked where the file has the size of the pixels as they are stored, and they have to be turned upright: whether what is drawn has that size, too.
    /// Null where the program that draws is the one that writes the size.
    /// </param>
    /// <param name="drawn">
    /// How far what is drawn reaches; asked where the image has another size than the file says, or is not at hand. Null where shapes go with any size.
    /// </param>
    /// <returns>The size in which masks are to be read: that of the image; or of its pixels as they are stored, if they have to be turned upright and the
    /// file has their size; or that of the file, if the image was made smaller or larger since. Then the image that is read is brought to its own.</returns>
    private protected (int Width, int Height) SizeOf(in Json.JsonValues v, string name, int? width, int? height, (int Width, int Height)? own = null,
        string? path = null, Func<bool>? drawnAsStored = null, Func<DrawnExtent>? drawn = null)
    {
        own ??= ImageFiles?.SizeOf(name);
        _resized.Remove(OutputNames.LastPart(name)); // of one that was left out
        if (own is { } true_)
        {
            if (width is { } w0 && height is { } h0 && OrientationOf((w0, h0), true_, path ?? ImageFiles?.Find(name)) is { } orientation
                && drawnAsStored?.Invoke() != false)
            {
                v.Repaired(StoredSize(w0, h0, true_), TurnedWithIt);
                FormatLimits.Area(w0, h0, v.Bad);
                TurnUpright(name, orientation);
                return (w0, h0);
            }
            string other = $"it says that its image is {width} x {height}, but the image is {true_.Width} x {true_.Height}", done = OwnSize;
            if (width is { } w1 && height is { } h1 && drawn is not null && ResizedMasks.IsResized((w1, h1), true_))
            {
                bool? areOfBefore = drawn().AreOfBefore((w1, h1), true_);
                bool asOthers = areOfBefore is null && AreOthersOfBefore();
                if (areOfBefore == true || asOthers)
                {
                    v.Repaired(other, $"its annotations are brought to the image's size{(asOthers ? ", as those of the set's other images" : "")}");
                    FormatLimits.Area(w1, h1, v.Bad);
                    FormatLimits.Area(true_.Width, true_.Height, v.Bad);
                    _resized[OutputNames.LastPart(name)] = true_;
                    return (w1, h1);
                }
                if (areOfBefore is null) done += ", and annotations stay as they are: nothing tells whether they were drawn before the image was resized";
            }
            if ((width, height) != (true_.Width, true_.Height))
                v.Repaired(width is null || height is null ? "width or height of its image are missing or wrong" : other, done);
            (width, height) = true_;
        }
        else if (width is { } w2 && height is { } h2 && w2 != h2 && drawn?.Invoke().AreSidesExchanged(w2, h2) == true)
        {
            v.Repaired($"it says that its image is {w2} x {h2}, but its annotations lie in one of {h2} x {w2}", "width and height are exchanged");
            (width, height) = (h2, w2);
        }
        if (width is not { } w || height is not { } h)
            throw new AnnotationFileException(v.File, v.Place, "width or height of its image are missing or wrong, and the image is not at hand to tell them")
            {
                Need = ImageFiles is null ? AnnotationNeed.Images : null,
            };
        FormatLimits.Area(w, h, v.Bad);
        return (w, h);
    }

    /// <summary>Whether the images of the set that were resized, and of which something tells, have annotations of before.</summary>
    private protected virtual bool AreOthersOfBefore() => false;

    private const string OwnSize = "the image's own size is taken";

    /// <summary>What is done with annotations of an image that is stored on its side.</summary>
    private protected const string TurnedWithIt = "its annotations are turned with it";

    /// <summary>What is said of annotations that have the size of the stored pixels.</summary>
    private protected static string StoredSize(int width, int height, (int Width, int Height) upright) =>
        $"it says that its image is {width} x {height}, as the pixels are stored; upright it is {upright.Width} x {upright.Height}";

    /// <summary>How the pixels of an image lie that is stored on its side, where a size is that of the stored pixels; else null.</summary>
    /// <param name="size">What annotations say.</param>
    /// <param name="upright">The image's own size.</param>
    /// <param name="path">The image; null where it is not at hand.</param>
    private protected static int? OrientationOf((int Width, int Height) size, (int Width, int Height) upright, string? path) =>
        size.Width != size.Height && size == (upright.Height, upright.Width) && path is not null
            && ImageFolder.OrientationOfFile(path) is var orientation && TurnedMasks.SwapsSides(orientation) ? orientation : null;

    /// <summary>Has the annotations of an image turned upright when it is given out.</summary>
    private protected void TurnUpright(string name, int orientation) => _lying[OutputNames.LastPart(name)] = orientation;

    /// <summary>The image with a name that is a path below a folder; other parts of what the file says are of its author's machine.</summary>
    private AnnotatedImage Named(AnnotatedImage image)
    {
        if (OutputNames.TryRelative(image.FileName) is { } name) return name == image.FileName ? image : image with { FileName = name };
        string safe = Below(image.FileName);
        Problems.Repaired(NameOf(image), "", $"the image's name '{MessageText.Cut(image.FileName)}' is not a path below a folder", $"it is called '{safe}'");
        return image with { FileName = safe };
    }

    /// <summary>
    /// Where the image lies below the folder of images; else as many of the last parts of its path as no other image has that is called so.
    /// </summary>
    private string Below(string path)
    {
        if (ImageFiles is { } files && files.Find(path) is { } found
            && OutputNames.TryRelative(System.IO.Path.GetRelativePath(files.Folder, found).Replace('\\', '/')) is { } there) return there;
        string last = OutputNames.LastPart(path), name = last;
        string[] parts = OutputNames.WithoutQuery(path).Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (int from = parts.Length - 2; !_called.TryAdd(name, path) && _called[name] != path; from--)
        {
            if (from < 0 || OutputNames.TryRelative(string.Join('/', parts[from..^1].Append(last))) is not { } longer) return last;
            name = longer;
        }
        return name;
    }

    /// <summary>Closes what was opened.</summary>
    private protected virtual void Dispose(bool disposing) { }
}
