namespace SemanticSam.Foundation;

/// <summary>A file that is written over a long time under a temporary name beside its own, and gets its name when it is complete.</summary>
internal sealed class PendingFile : IDisposable
{
    private readonly string _path, _temporary;
    private bool _done;

    /// <param name="path">The final path; its folder is made.</param>
    /// <exception cref="IOException">It cannot be written; the message says so in a sentence.</exception>
    public PendingFile(string path)
    {
        _path = Path.GetFullPath(path);
        _temporary = Path.Combine(Path.GetDirectoryName(_path)!, $".{Path.GetFileName(_path)}.{Guid.NewGuid():N}.tmp");
        if (Directory.Exists(_path)) throw new IOException($"{path}: cannot be written, there is a folder of that name.");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            Stream = new(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be written ({e.Message.TrimEnd('.')}).", e);
        }
    }

    public FileStream Stream { get; }

    /// <summary>Gives the file its name.</summary>
    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        try
        {
            File.Move(_temporary, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{_path}: cannot be written ({e.Message.TrimEnd('.')}).", e);
        }
        _done = true;
    }

    public void Dispose()
    {
        if (_done) return;
        _done = true;
        Stream.Dispose();
        File.Delete(_temporary);
    }
}
