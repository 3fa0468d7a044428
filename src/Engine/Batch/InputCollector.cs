using SemanticSam.Foundation;
using SemanticSam.Imaging;

namespace SemanticSam.Engine.Batch;

/// <summary>From what a command line names (folders, patterns, files, lists) to the images of a batch.</summary>
internal sealed class InputCollector
{
    /// <summary>Characters of a line of a list: no path is longer.</summary>
    private const int LongestLine = 1 << 16;

    private readonly string? _except;
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly List<string> _roots = [];

    /// <param name="except">The folder that results go to: images in it are not input. Null for none.</param>
    public InputCollector(string? except = null) => _except = except is null ? null : Path.GetFullPath(except).TrimEnd(Path.DirectorySeparatorChar);

    /// <summary>Folders below the given ones that could not be read.</summary>
    public IList<string> Unreadable { get; } = [];

    /// <summary>Images in the given folders of kinds that cannot be read, which are passed over.</summary>
    public IList<string> PassedOver { get; } = [];

    /// <summary>Images in the given folders whose names end as something else, which are passed over.</summary>
    public IList<string> OtherEndings { get; } = [];

    /// <summary>Whether a word names more than one image: a folder, a pattern, or a list (@FILE).</summary>
    internal static bool IsMany(string word) => word.Length > 0 && !File.Exists(ImagePage.FileOf(word))
        && (word.StartsWith('@') || Directory.Exists(word) || Glob.IsPattern(word));

    /// <summary>Adds a folder (all its images, at any depth), a pattern, a list (@FILE) or an image.</summary>
    /// <exception cref="BatchException">There is no such folder, nothing matches, or a list cannot be read.</exception>
    public void Add(string word)
    {
        ArgumentException.ThrowIfNullOrEmpty(word);
        if (File.Exists(ImagePage.FileOf(word))) AddFile(Path.GetFullPath(word));
        else if (Directory.Exists(word)) AddFolder(word);
        else if (word.StartsWith('@')) AddList(word[1..]);
        else if (Glob.IsPattern(word)) AddPattern(word);
        else throw new BatchException(BatchError.Input, $"there is no image and no folder '{word}'.");
    }

    /// <summary>
    /// Adds the images that a text file names, one path a line; empty lines and lines that begin with # are passed over. Relative paths
    /// are relative to the list's folder. An image that does not exist is part of the batch all the same, and fails there.
    /// </summary>
    /// <param name="path">The list.</param>
    /// <exception cref="BatchException">The list cannot be read, or names nothing.</exception>
    public void AddList(string path)
    {
        if (path.Length == 0) throw new BatchException(BatchError.Input, "the name of a list is empty; '@FILE' is expected.");
        try
        {
            using var reader = new StreamReader(RegularFile.OpenRead(path));
            AddList(reader, Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".", path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BatchException(BatchError.Input, Directory.Exists(path) ? $"the list '{path}' is a folder."
                : $"the list '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>As the other, from any text.</summary>
    /// <param name="list">The list.</param>
    /// <param name="folder">What its relative paths are relative to.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="BatchException">It names nothing.</exception>
    internal void AddList(TextReader list, string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(list);
        int lines = 0;
        foreach (string? read in BoundedLines.Read(list, LongestLine))
        {
            // What is no path at all becomes one that does not exist, and fails alone.
            string line = (read ?? "a line that is too long").Replace('\0', '\uFFFD').Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            lines++;
            AddFile(Path.GetFullPath(Path.Combine(folder, line)));
        }
        if (lines == 0) throw new BatchException(BatchError.Input, $"the list '{name}' names no image.");
    }

    private void AddFile(string path)
    {
        _paths.Add(path);
        _roots.Add(Path.GetDirectoryName(path)!);
    }

    private void AddFolder(string folder)
    {
        string[] found = [.. Images(ImageFiles.Walk(folder, recursive: true, _except, Unreadable.Add))];
        if (found.Length == 0) throw new BatchException(BatchError.Input, $"the folder '{folder}' holds no image that can be read ({Kinds}){Others()}.");
        _paths.UnionWith(found);
        _roots.Add(Path.GetFullPath(folder));
    }

    private const string Kinds = "JPEG, PNG, WebP, TIFF, BMP, GIF or ICO";

    private string Others() =>
        (PassedOver.Count == 0 ? "" : $"; {PassedOver.Count} files are of other kinds, such as {Path.GetFileName(PassedOver[0])}")
        + (OtherEndings.Count == 0 ? "" : $"; {OtherEndings.Count} files hold images under names that end as something else, such as " +
            $"{Path.GetFileName(OtherEndings[0])}: rename them, or name them singly");

    /// <summary>Those that can be read; of the others, images are remembered.</summary>
    private IEnumerable<string> Images(IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            var found = ImageFiles.Judge(file);
            if (found == FoundFile.Image) yield return file;
            else if (found == FoundFile.OtherKind) PassedOver.Add(file);
            else if (found == FoundFile.OtherEnding) OtherEndings.Add(file);
        }
    }

    private void AddPattern(string pattern)
    {
        var glob = new Glob(pattern);
        string folder = Path.GetFullPath(glob.Folder);
        if (!Directory.Exists(folder)) throw new BatchException(BatchError.Input, $"nothing matches '{pattern}': there is no folder '{glob.Folder}'.");
        string[] found = [.. Images(ImageFiles.Walk(folder, glob.Recursive, _except, Unreadable.Add).Where(p => glob.Matches(Relative(folder, p))))];
        if (found.Length == 0) throw new BatchException(BatchError.Input, $"no image that can be read ({Kinds}) matches '{pattern}'{Others()}.");
        _paths.UnionWith(found);
        _roots.Add(folder);
    }

    /// <summary>
    /// The batch: images in the order of their paths (by code units, the same on every machine), each once, named relative to the deepest
    /// folder that holds everything which was named.
    /// </summary>
    public BatchInput ToInput()
    {
        string root = _roots.Aggregate(Common);
        return new(root, [.. _paths.Select(p => Relative(root, p)).Order(StringComparer.Ordinal).Select(p => new BatchItem(p))]);
    }

    /// <summary>The batch of a prompts file: its lines in their order, each with its image.</summary>
    /// <param name="lines">The line and the full path of its image.</param>
    internal static BatchInput OfPrompts(IReadOnlyList<(string Line, string Image)> lines)
    {
        string root = lines.Select(l => Path.GetDirectoryName(l.Image)!).Aggregate(Common);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var items = new List<BatchItem>();
        var images = lines.Select(l => Relative(root, l.Image)).ToArray();
        var used = images.ToHashSet(StringComparer.Ordinal); // an image may be called "photo.jpg#2"
        for (int i = 0; i < images.Length; i++)
        {
            string image = images[i], key = image;
            int count = counts.GetValueOrDefault(image);
            if (count++ > 0)
                for (key = $"{image}#{count}"; !used.Add(key); key = $"{image}#{++count}") { }
            counts[image] = count;
            items.Add(new(key, image, lines[i].Line));
        }
        return new(root, items);
    }

    private static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');

    private static string Common(string a, string b)
    {
        while (!IsWithin(b, a))
            a = Path.GetDirectoryName(a)
                ?? throw new BatchException(BatchError.Input, $"the images lie on different drives ({a}, {b}); take one drive after the other.");
        return a;
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(folder.EndsWith(Path.DirectorySeparatorChar) ? folder : folder + Path.DirectorySeparatorChar,
            StringComparison.Ordinal);
}
