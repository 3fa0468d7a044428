using SemanticSam.Cli.Requests;
using SemanticSam.Cli.Running;
using SemanticSam.Foundation;
using SemanticSam.Imaging;
using SemanticSam.Imaging.Overlays;

namespace SemanticSam.Cli.Output;

/// <summary>Writes the overlay image and the JSON of an outcome, each completely or not at all.</summary>
internal sealed class ResultFiles
{
    private readonly string _folder;
    private readonly ResultFormats _formats;
    private readonly Dictionary<string, int> _counts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _written = [];
    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes the folder and finds out now, not after the work, whether it can be written.</summary>
    private ResultFiles(string folder, ResultFormats formats)
    {
        (_folder, _formats) = (folder, formats);
        if (File.Exists(folder)) throw new OutputException($"the output folder '{folder}' cannot be written: it is a file.");
        string probe = AtomicFile.TemporaryIn(folder);
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(probe)) File.Delete(probe);
            throw new OutputException($"the output folder '{folder}' cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The files of a request; null if it asks for none.</summary>
    /// <param name="request">Names the folder and the formats.</param>
    /// <param name="error">Where what a format cannot hold is said.</param>
    /// <exception cref="OutputException">The folder cannot be written.</exception>
    public static ResultFiles? For(SegmentRequest request, TextWriter error) => request.Folder is { } folder ? new(folder, new(request.Formats, error)) : null;

    /// <summary>Paths of the overlay and of the JSON.</summary>
    public (string Overlay, string Json) Write(SegmentOutcome outcome, string json)
    {
        string name = Unused(ImagePage.Stem(outcome.Line.Image));
        string overlay = Path.Combine(_folder, $"{name}.overlay.png"), text = Path.Combine(_folder, $"{name}.json");
        var painted = OverlayPainter.Paint(outcome.Image, outcome.Results, outcome.Line.Marks);
        Save((overlay, ImageEncoder.Png(painted)), (text, System.Text.Encoding.UTF8.GetBytes(json + "\n")));
        _formats.Write(_folder, name, outcome);
        _written.AddRange([overlay, text]);
        return (overlay, text);
    }

    /// <summary>Counts on the disk what was written: a folder that was taken away meanwhile is quietly made anew by the next file.</summary>
    /// <exception cref="OutputException">Something is gone.</exception>
    public void RequireAll()
    {
        int gone = _written.Count(path => !File.Exists(path));
        if (gone > 0)
            throw new OutputException($"{gone} of {_written.Count} files that were written to '{_folder}' are gone: something removed them meanwhile.");
    }

    /// <summary>Several lines may ask of one image, or of images of one name: photo, photo-2, photo-3.</summary>
    private string Unused(string name)
    {
        if (name.Length == 0) name = "image";
        name = FolderPath.Shortened(name);
        string unused = name;
        if (_used.Add(unused)) return unused;
        // Counted on from the last number of this name.
        int count = _counts.GetValueOrDefault(name, 1);
        do unused = $"{name}-{++count}";
        while (!_used.Add(unused));
        _counts[name] = count;
        return unused;
    }

    /// <summary>All of the files or none.</summary>
    public static void Save(params (string Path, byte[] Content)[] files) =>
        OutputException.Guard(() => Interruption.Uncut(() => AtomicFile.WriteTogether(files)));
}
