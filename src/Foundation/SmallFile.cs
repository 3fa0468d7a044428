namespace SemanticSam.Foundation;

/// <summary>
/// One of very many files: written under a temporary name and renamed, so that it is there as a whole or not at all when the program
/// is killed. Unlike <see cref="AtomicFile"/> it does not wait for the disk: thousands of waits would take minutes.
/// </summary>
internal static class SmallFile
{
    /// <exception cref="IOException">It cannot be written; the message says so in a sentence.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string full = Path.GetFullPath(path), folder = Path.GetDirectoryName(full)!, temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(temporary)) File.Delete(temporary);
            throw new IOException($"{path}: cannot be written ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
