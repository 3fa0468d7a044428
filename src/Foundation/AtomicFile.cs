namespace SemanticSam.Foundation;

/// <summary>Writes a file completely or not at all: under a temporary name in the same folder, then renamed.</summary>
internal static class AtomicFile
{
    private const int DiskFullWindows = unchecked((int)0x80070070), HandleDiskFullWindows = unchecked((int)0x80070027);
    private const int DiskFullUnix = 28, QuotaUnix = 122;

    /// <summary>Calls <paramref name="write"/> with a stream; when it returns, the file has its name. Whatever goes wrong, no half-written file stays.</summary>
    /// <param name="path">Final path; an existing file is replaced.</param>
    /// <param name="length">Bytes that will be written, for the message when the disk is full.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="open">How the temporary file is opened; null for the usual way (tests inject a disk that fills up).</param>
    /// <exception cref="IOException">Writing failed; the message says so in a sentence, with the room needed when the disk is full.</exception>
    public static void Write(string path, long length, Action<Stream> write, Func<string, Stream>? open = null) => Write([(path, length, write)], open);

    /// <summary>Writes files that belong together: all of them or, whatever goes wrong, none.</summary>
    /// <exception cref="IOException">As for one file.</exception>
    public static void WriteTogether(IReadOnlyList<(string Path, byte[] Content)> files, Func<string, Stream>? open = null) =>
        Write([.. files.Select(f => (f.Path, (long)f.Content.Length, (Action<Stream>)(stream => stream.Write(f.Content))))], open);

    private static void Write((string Path, long Length, Action<Stream> Write)[] files, Func<string, Stream>? open)
    {
        var temporaries = new List<string>();
        var made = new List<string>(); // final names that were not there before
        string path = files[0].Path;
        long length = 0;
        try
        {
            foreach (var file in files)
            {
                (path, length) = (file.Path, file.Length);
                WriteTemporary(path, file.Write, open, temporaries);
            }
            for (int i = 0; i < files.Length; i++)
            {
                path = files[i].Path;
                bool isNew = !File.Exists(path);
                File.Move(temporaries[i], Path.GetFullPath(path), overwrite: true);
                if (isNew) made.Add(path);
            }
        }
        catch (Exception e)
        {
            foreach (string left in temporaries.Concat(made))
                if (File.Exists(left)) File.Delete(left);
            if (e is RefusedException) throw new IOException(e.Message);
            if (e is IOException io && IsDiskFull(io))
                throw new IOException($"{path}: the disk is full; {(length >= 1e6 ? $"{length / 1e6:f1} MB" : $"{length / 1e3:f1} kB")} were to be written. Nothing was left behind.", io);
            if (e is IOException or UnauthorizedAccessException)
                throw new IOException($"{path}: cannot be written ({e.Message.TrimEnd('.')}). Nothing was left behind.", e);
            throw;
        }
    }

    private static void WriteTemporary(string path, Action<Stream> write, Func<string, Stream>? open, List<string> temporaries)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw new RefusedException($"{path}: this is no path for a file.");
        if (Directory.Exists(full)) throw new RefusedException($"{path}: cannot be written, there is a folder of that name.");
        string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(folder);
        temporaries.Add(temporary);
        using var stream = open is null ? new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20) : open(temporary);
        write(stream);
        stream.Flush();
        if (stream is FileStream file) file.Flush(flushToDisk: true);
    }

    /// <summary>Refused before anything was tried; the message needs no addition.</summary>
    private sealed class RefusedException(string message) : IOException(message);

    /// <summary>Whether a path is named as the temporary files here are.</summary>
    public static bool IsTemporary(string path) => Path.GetFileName(path) is ['.', ..] name && name.EndsWith(".tmp", StringComparison.Ordinal);

    public static bool IsDiskFull(IOException e)
        => e.HResult is DiskFullWindows or HandleDiskFullWindows || (!OperatingSystem.IsWindows() && e.HResult is DiskFullUnix or QuotaUnix);
}
