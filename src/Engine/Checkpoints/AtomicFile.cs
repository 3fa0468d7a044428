namespace SemanticSam.Checkpoints;

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
    public static void Write(string path, long length, Action<Stream> write, Func<string, Stream>? open = null)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw new IOException($"{path}: this is no path for a file.");
        if (Directory.Exists(full)) throw new IOException($"{path}: cannot be written, there is a folder of that name.");
        string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = open is null ? new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20) : open(temporary))
            {
                write(stream);
                stream.Flush();
                if (stream is FileStream file) file.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e)
        {
            if (File.Exists(temporary)) File.Delete(temporary);
            if (e is IOException io && IsDiskFull(io))
                throw new IOException($"{path}: the disk is full; {length / 1e6:f1} MB were to be written. Nothing was left behind.", io);
            if (e is IOException or UnauthorizedAccessException)
                throw new IOException($"{path}: cannot be written ({e.Message.TrimEnd('.')}). Nothing was left behind.", e);
            throw;
        }
    }

    public static bool IsDiskFull(IOException e)
        => e.HResult is DiskFullWindows or HandleDiskFullWindows || (!OperatingSystem.IsWindows() && e.HResult is DiskFullUnix or QuotaUnix);
}
