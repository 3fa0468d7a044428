using System.Buffers;
using System.Collections.Concurrent;

namespace SemanticSam.Foundation;

/// <summary>Whether a file that has its name also survives a power failure.</summary>
internal enum Durability
{
    /// <summary>The content is on the disk before the file gets its name.</summary>
    OnDisk,

    /// <summary>
    /// The file is complete whenever the program is killed; the system writes it to the disk in its own time. For one of very many files:
    /// thousands of waits for the disk would take minutes.
    /// </summary>
    Cached,
}

/// <summary>
/// Writes a file completely or not at all: under a temporary name in the same folder, renamed when it is complete. An instance is a file
/// that takes long to write; the static methods write content that is there already.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const string TemporaryEnding = ".tmp";
    private const int TemporaryDigits = 32;
    private const int DiskFullWindows = unchecked((int)0x80070070), HandleDiskFullWindows = unchecked((int)0x80070027);
    private const int DiskFullUnix = 28, QuotaUnix = 122;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>Temporary files and folders of this process that are not named yet, for a process that must end at once.</summary>
    private static readonly ConcurrentDictionary<string, bool> Unfinished = new(StringComparer.Ordinal);

    private readonly string _path, _temporary;
    private readonly long? _length;
    private bool _hasFolder, _ended;

    /// <summary>Opens the temporary file; its folder is made.</summary>
    /// <param name="path">Final path; an existing file is replaced by <see cref="Commit"/>.</param>
    /// <param name="length">Bytes that will be written, for the message when the disk is full; null if that is not known.</param>
    /// <param name="open">How the temporary file is opened; null for the usual way (tests inject a disk that fills up).</param>
    /// <exception cref="IOException">It cannot be written; the message says so in a sentence.</exception>
    public AtomicFile(string path, long? length = null, Func<string, Stream>? open = null)
    {
        (_path, _length) = (path, length);
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw new IOException($"{path}: this is not a path of a file.");
        if (UnusableNameException.WhyNot(full) is { } inTheWay) throw new UnusableNameException($"{path}: cannot be written, {inTheWay}.");
        _temporary = TemporaryIn(folder);
        try
        {
            Directory.CreateDirectory(folder);
            _hasFolder = true;
            Unfinished[_temporary] = true;
            Stream = open is null ? new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16) : open(_temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Unfinished.TryRemove(_temporary, out _);
            throw Failure(e);
        }
    }

    /// <summary>Takes the content; where its writes fail, the reason is put into words by <see cref="Put(ReadOnlySpan{byte})"/> alone.</summary>
    public Stream Stream { get; }

    /// <summary>Adds to the content.</summary>
    /// <exception cref="IOException">It cannot be written; the message says so in a sentence.</exception>
    public void Put(ReadOnlySpan<byte> content)
    {
        try
        {
            Stream.Write(content);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Failure(e);
        }
    }

    /// <summary>Adds to the content what is produced while it is written.</summary>
    /// <exception cref="IOException">As for the other; a failure of <paramref name="write"/> to read is taken for one to write.</exception>
    public void Put(Action<Stream> write)
    {
        try
        {
            write(Stream);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Failure(e);
        }
    }

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Commit(Durability durability = Durability.OnDisk)
    {
        Complete(durability);
        Rename();
    }

    /// <summary>Writes one file.</summary>
    /// <exception cref="IOException">It cannot be written; the message says so in a sentence, with the room needed when the disk is full.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, Durability durability = Durability.OnDisk, Func<string, Stream>? open = null)
    {
        using var file = new AtomicFile(path, content.Length, open);
        file.Put(content);
        file.Commit(durability);
    }

    /// <summary>As the other, with content that is produced while it is written.</summary>
    /// <param name="path">Final path.</param>
    /// <param name="length">Bytes that will be written, for the message when the disk is full.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="open">How the temporary file is opened; null for the usual way.</param>
    /// <exception cref="IOException">It cannot be written. What <paramref name="write"/> throws besides is passed on.</exception>
    public static void Write(string path, long length, Action<Stream> write, Func<string, Stream>? open = null)
    {
        using var file = new AtomicFile(path, length, open);
        file.Put(write);
        file.Commit();
    }

    /// <summary>Writes files that belong together: all of them or, whatever goes wrong, none. They get their names in the given order.</summary>
    /// <exception cref="IOException">As for one file.</exception>
    public static void WriteTogether(IReadOnlyList<(string Path, byte[] Content)> files, Func<string, Stream>? open = null)
    {
        var opened = new List<AtomicFile>();
        var made = new List<string>(); // final names that were not there before
        try
        {
            foreach (var (path, content) in files)
            {
                var file = new AtomicFile(path, content.Length, open);
                opened.Add(file);
                file.Put(content);
                file.Complete(Durability.OnDisk);
            }
            foreach (var file in opened)
            {
                bool isNew = !File.Exists(file._path);
                file.Rename();
                if (isNew) made.Add(file._path);
            }
        }
        catch
        {
            foreach (string path in made) File.Delete(path);
            throw;
        }
        finally
        {
            foreach (var file in opened) file.Dispose();
        }
    }

    /// <summary>A new name as temporary files here have it.</summary>
    public static string TemporaryIn(string folder) => Path.Combine(folder, $".{Guid.NewGuid():N}{TemporaryEnding}");

    /// <summary>Whether a path is named as the temporary files here are: nobody else's file is taken for one.</summary>
    public static bool IsTemporary(string path) => Path.GetFileName(path) is ['.', .. var name] && name.Length == TemporaryDigits + TemporaryEnding.Length
        && name.EndsWith(TemporaryEnding, StringComparison.Ordinal) && name.AsSpan(0, TemporaryDigits).IndexOfAnyExcept(LowerHex) < 0;

    /// <summary>A temporary folder that is to go, too, where this process ends at once; until it is disposed.</summary>
    public static IDisposable Unnamed(string folder) => new UnnamedFolder(folder);

    /// <summary>Removes the temporary files of this process: for a process that ends without unwinding, such as after SIGTERM.</summary>
    public static void RemoveUnfinished()
    {
        foreach (string path in Unfinished.Keys)
        {
            try
            {
                if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
                else File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It stays, as after a power failure; the next run removes it.
            }
        }
    }

    /// <summary>Whether writing failed for want of room, as it is or as <see cref="AtomicFile"/> says it.</summary>
    public static bool IsDiskFull(IOException e) => e.InnerException is IOException inner && IsDiskFull(inner) ||
        e.HResult is DiskFullWindows or HandleDiskFullWindows || (!OperatingSystem.IsWindows() && e.HResult is DiskFullUnix or QuotaUnix);

    /// <summary>Removes the temporary file, if it did not become the final one.</summary>
    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        try
        {
            Stream.Dispose();
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // The rest of the buffer has no room either; the file goes anyway.
        }
        try
        {
            File.Delete(_temporary);
        }
        catch (DirectoryNotFoundException)
        {
            // It went with its folder.
        }
        Unfinished.TryRemove(_temporary, out _);
    }

    private void Complete(Durability durability)
    {
        try
        {
            Stream.Flush();
            if (durability == Durability.OnDisk && Stream is FileStream file) file.Flush(flushToDisk: true);
            Stream.Dispose();
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Failure(e);
        }
    }

    private void Rename()
    {
        try
        {
            File.Move(_temporary, Path.GetFullPath(_path), overwrite: true);
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw Failure(e);
        }
        Unfinished.TryRemove(_temporary, out _);
        _ended = true;
    }

    /// <summary>Whether it is the disk that fails.</summary>
    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException || IsTooLarge(e);

    /// <summary>What .NET makes of a write beyond the largest size that the file system or a limit of the process allows.</summary>
    private static bool IsTooLarge(Exception e) => e is ArgumentOutOfRangeException { ParamName: "value", TargetSite: var thrower }
        && thrower?.DeclaringType?.Assembly == typeof(FileStream).Assembly;

    private CannotWriteException Failure(Exception e)
    {
        if (IsTooLarge(e)
            ) return new(
            $"{_path}: cannot be written, the file would be larger than the file system or a limit of this process allows. Nothing was left behind.", e);
        if (UnusableNameException.IsTooLong(e)) return new UnusableNameException($"{_path}: cannot be written, the name is too long.", e);
        if (_hasFolder && e is (DirectoryNotFoundException or FileNotFoundException) && !File.Exists(_temporary))
            return new(
                $"{_path}: cannot be written, its folder or the unfinished file in it was removed meanwhile. Find out what did it, then start again.", e);
        if (e is not IOException io || !IsDiskFull(io)) return new($"{_path}: cannot be written ({e.Message.TrimEnd('.')}). Nothing was left behind.", e);
        string needed = _length is { } length ? $" {(length >= 1e6 ? $"{length / 1e6:f1} MB" : $"{length / 1e3:f1} kB")} were to be written." : "";
        return new($"{_path}: the disk is full{(needed.Length > 0 ? ";" + needed : ".")} Nothing was left behind.", io);
    }

    private sealed class UnnamedFolder : IDisposable
    {
        private readonly string _path;

        public UnnamedFolder(string path) => Unfinished[_path = path] = true;

        public void Dispose() => Unfinished.TryRemove(_path, out _);
    }
}
