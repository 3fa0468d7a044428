using SemanticSam.Formats.Shapes;
using SemanticSam.Foundation;

namespace SemanticSam.Formats;

/// <summary>How annotation files are written.</summary>
public sealed class AnnotationWriteOptions
{
    /// <summary>The defaults.</summary>
    public static AnnotationWriteOptions Default { get; } = new();

    /// <summary>Names to declare first, with their ids: those of the source, so that ids and indices stay.</summary>
    public IReadOnlyList<AnnotationCategory> Categories { get; init; } = [];

    /// <summary>Keep the ids of images and annotations (they have to be unique in the set) instead of counting from 1. Default false.</summary>
    public bool KeepIds { get; init; }

    /// <summary>
    /// Whether COCO, LabelMe and CVAT get masks as polygons, or as run lengths or pixels, which are always exact; null takes the format's default: polygons
    /// for LabelMe, pixels for the others.
    /// </summary>
    public bool? Polygons { get; init; }

    /// <summary>
    /// For which readers polygons are made: true for those that count the pixels of the outline in (<see cref="AnnotationReadOptions.InclusivePolygons"/>),
    /// false for those that take the pixels whose centers lie inside; null takes the format's own, see docs/formats.md.
    /// </summary>
    public bool? InclusivePolygons { get; init; }

    internal PolygonRule? Rule => PolygonPixels.RuleOf(InclusivePolygons);

    /// <summary>Outlines may leave out corners that lie no further than this from what is left, in pixels. Default 0: exact.</summary>
    public double Tolerance { get; init; }

    /// <summary>YOLO has one polygon an object: true writes each island as an object of its own instead of joining them by lines.</summary>
    public bool SplitIslands { get; init; }

    /// <summary>Where the images are; only cut-outs need them.</summary>
    public string? Images { get; init; }

    /// <summary>What the files of an image are called, without extension, where an image has files of its own; null for the image's name.</summary>
    public string? OutputName { get; init; }

    /// <summary>Gives an image's pixels, where they are in memory already; null, or a null answer, looks into <see cref="Images"/>.</summary>
    public Func<AnnotatedImage, Imaging.RgbImage?>? Pixels { get; init; }

    /// <summary>Description for formats that have room for one.</summary>
    public string? Description { get; init; }

    /// <summary>Told of everything that is left out or changed; null throws instead at the first.</summary>
    public Action<FormatProblem>? Problem { get; init; }
}

/// <summary>
/// Writes an annotated set of any format, image by image; no more than one image's masks are in memory. Every file appears completely or not
/// at all: those of one image after <see cref="Write"/>, those of the set after <see cref="Complete"/>.
/// </summary>
public abstract class AnnotationWriter : IDisposable
{
    private readonly List<string> _started = [], _finished = [];
    private bool _disposed;

    /// <summary>Creates a set on disk.</summary>
    /// <param name="path">A file for COCO and CVAT, else a folder.</param>
    /// <param name="format">Any but the engine's own result JSON, which only the engine writes.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="NotSupportedException">The format can only be read.</exception>
    public static AnnotationWriter Create(string path, AnnotationFormat format, AnnotationWriteOptions? options = null) =>
        AnnotationFiles.Create(path, format, options);

    private protected AnnotationWriter(string path, AnnotationWriteOptions options)
    {
        if (!(options.Tolerance is >= 0 and <= 1000)
            ) throw new ArgumentOutOfRangeException(nameof(options), options.Tolerance, "The tolerance is 0 to 1000 pixels.");
        (Path, Options, Problems) = (path, options, new(options.Problem));
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>What writing masks as polygons cost.</summary>
    internal OutlineLoss Loss { get; } = new();

    /// <summary>Images and annotations written so far.</summary>
    public (int Images, long Annotations) Written { get; private set; }

    private protected AnnotationWriteOptions Options { get; }

    private protected FormatReport Problems { get; }

    /// <summary>Adds an image.</summary>
    /// <exception cref="AnnotationFileException">Its name would leave the folder, or it cannot be written in this format, and nobody listens to
    /// problems.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(AnnotatedImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ObjectDisposedException.ThrowIf(_disposed, this);
        int written = 0;
        _started.Clear();
        try
        {
            if (!Problems.TryRead(() => WriteImage(image), out written)) return;
        }
        catch (UnusableNameException e) when (Directory.Exists(Path))
        {
            // Its name alone is in the way: a file stands where it needs a folder, or the other way round.
            LeftOut(image.FileName, e.Message.TrimEnd('.'));
            return;
        }
        _finished.AddRange(_started);
        Written = (Written.Images + 1, Written.Annotations + written);
    }

    /// <summary>Writes what belongs to the set as a whole. Without it, nothing but finished images' own files remains.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CompleteSet();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes what belongs to the set as a whole.</summary>
    private protected abstract void CompleteSet();

    /// <summary>How many annotations of the image were written.</summary>
    private protected abstract int WriteImage(AnnotatedImage image);

    /// <summary>Takes away what is unfinished.</summary>
    private protected virtual void Dispose(bool disposing) { }

    /// <summary>Path of an image's own file or folder, without extension.</summary>
    private protected string PathFor(AnnotatedImage image, OutputNames names)
    {
        string file = System.IO.Path.GetFileName(Path);
        OutputNames.Relative(image.FileName, file); // a hostile name is not written, either
        string path = names.PathFor(Options.OutputName is { } name ? name + ".*" : image.FileName, file);
        if (names.IsCounted)
            Problems.Noted(file, image.FileName, "another image has that name, but for its ending perhaps",
                $"what belongs to it is called '{System.IO.Path.GetFileName(path)}', which other programs will not find by the image's name");
        if (!FolderPath.IsReachedWithoutLinks(Path, path))
            throw new AnnotationFileException(file, image.FileName, "a link below the folder is on its way; nothing is written through one");
        _started.Add(path);
        return path;
    }

    /// <summary>
    /// Counts on the disk what was written, when all is: a folder that was taken away meanwhile is quietly made anew by the next file.
    /// </summary>
    /// <exception cref="IOException">Something is gone.</exception>
    internal void RequireOnDisk()
    {
        // A format of one file has given it its name just now.
        bool there = File.Exists(Path) || Directory.Exists(Path) || Written.Images == 0;
        int gone = _finished.Count(p => !Directory.Exists(p) && !File.Exists(p + ".txt") && !File.Exists(p + ".json"));
        if (!there) throw new IOException($"{Path} was written and is gone: something removed it meanwhile.");
        if (gone > 0)
            throw new IOException($"{Path}: files of {gone} of {_finished.Count} images were written and are gone: something removed them meanwhile.");
    }

    /// <summary>A mask as polygons by the rule asked for, else the format's own; what that costs is added to <see cref="Loss"/>.</summary>
    /// <param name="mask">Not empty.</param>
    /// <param name="own">The format's own rule.</param>
    /// <param name="joined">All islands in one polygon instead of one each.</param>
    private protected IReadOnlyList<IReadOnlyList<(double X, double Y)>> Outline(Masks.Rle mask, PolygonRule own, bool joined = false)
    {
        var rule = Options.Rule ?? own;
        IReadOnlyList<IReadOnlyList<(double X, double Y)>> polygons = joined ? [Outlines.Joined(mask, rule, Options.Tolerance)!]
            : Outlines.Of(mask, rule, Options.Tolerance);
        Loss.Add(mask.IoU(PolygonPixels.Fill(polygons, mask.Height, mask.Width, rule)));
        return polygons;
    }

    private protected void LeftOut(string place, string what) => Problems.LeftOut(System.IO.Path.GetFileName(Path), place, what);
}

/// <summary>
/// What it cost to write masks as something else than pixels of their own: each polygon is filled again as the format's consumers fill
/// it, and compared; of an index PNG, what overlapping masks have covered.
/// </summary>
internal sealed class OutlineLoss
{
    /// <summary>Masks written in such a way.</summary>
    public long Masks { get; private set; }

    /// <summary>Of these, masks that do not come back pixel by pixel.</summary>
    public long Inexact { get; private set; }

    /// <summary>The lowest IoU of a mask with what comes back; 1 when all are exact.</summary>
    public double LeastIou { get; private set; } = 1;

    /// <summary>The mean IoU; 1 when there are none.</summary>
    public double MeanIou => Masks == 0 ? 1 : _sum / Masks;

    private double _sum;

    internal void Add(double iou)
    {
        Masks++;
        if (iou < 1) Inexact++;
        LeastIou = Math.Min(LeastIou, iou);
        _sum += iou;
    }
}
