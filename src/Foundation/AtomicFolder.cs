namespace SemanticSam.Foundation;

/// <summary>
/// Makes a folder completely or not at all: its files are written into a temporary one beside it, which gets the name when all are there. A
/// folder that had the name goes only then.
/// </summary>
internal static class AtomicFolder
{
    /// <summary>Makes a folder.</summary>
    /// <param name="path">Its path; the folder above it is made where it is missing.</param>
    /// <param name="write">Writes the files into the folder that it is given.</param>
    /// <exception cref="IOException">It cannot be written; what was there before is there still. What <paramref name="write"/> throws is passed on.</exception>
    public static void Write(string path, Action<string> write)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string parent = Path.GetDirectoryName(full) ?? throw new IOException($"{path}: this is not a path of a folder that can be made.");
        if (File.Exists(full)) throw new IOException($"{path}: cannot be written, there is a file of that name.");
        string temporary = Path.Combine(parent, $".{Guid.NewGuid():N}.tmp"), aside = Path.Combine(parent, $".{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(temporary);
            write(temporary);
            bool replaces = Directory.Exists(full);
            if (replaces) Directory.Move(full, aside);
            try
            {
                Directory.Move(temporary, full);
            }
            catch when (replaces)
            {
                Directory.Move(aside, full);
                throw;
            }
            if (replaces) Directory.Delete(aside, recursive: true);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: cannot be written ({e.Message.TrimEnd('.')}). Nothing was left behind.", e);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }
}
