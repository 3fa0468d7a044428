namespace SemanticSam.Foundation;

/// <summary>
/// Makes a folder completely or not at all: its files are written into a temporary one beside it, which gets the name when all are there. Of a folder that
/// had the name, files are replaced that the new one has as well; whatever else it holds stays, since it is not known whose it is.
/// </summary>
internal static class AtomicFolder
{
    /// <summary>Makes a folder.</summary>
    /// <param name="path">Its path; the folder above it is made where it is missing.</param>
    /// <param name="write">Writes the files into the folder that it is given.</param>
    /// <exception cref="CannotWriteException">It cannot be written; what was there before is there still. What <paramref name="write"/> throws besides is
    /// passed on.
    /// </exception>
    public static void Write(string path, Action<string> write)
    {
        var (full, parent) = Places(path);
        string temporary = AtomicFile.TemporaryIn(parent), aside = AtomicFile.TemporaryIn(parent);
        using var unnamed = AtomicFile.Unnamed(temporary);
        try
        {
            Make(path, temporary);
            try
            {
                write(temporary);
            }
            catch (IOException e) when (AtomicFile.IsDiskFull(e) || e is CannotWriteException)
            {
                // Of the temporary folder nobody has to know.
                throw new CannotWriteException(AtomicFile.IsDiskFull(e) ? $"{path}: the disk is full. Nothing was left behind."
                    : e.Message.Replace(temporary, full, StringComparison.Ordinal), e);
            }
            try
            {
                Name(full, temporary, aside);
            }
            catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not CannotWriteException)
            {
                throw new CannotWriteException($"{path}: cannot be written ({e.Message.TrimEnd('.')}).", e);
            }
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Finds out now, not after the work, whether a folder can be made; nothing is left behind.</summary>
    /// <exception cref="CannotWriteException">It cannot.</exception>
    public static void Require(string path)
    {
        string temporary = AtomicFile.TemporaryIn(Places(path).Parent);
        Make(path, temporary);
        Directory.Delete(temporary);
    }

    private static (string Full, string Parent) Places(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(full)) throw new CannotWriteException($"{path}: cannot be written, there is a file of that name.");
        return (full, Path.GetDirectoryName(full) ?? throw new CannotWriteException($"{path}: this is not a path of a folder that can be made."));
    }

    private static void Make(string path, string temporary)
    {
        if (UnusableNameException.WhyNot(temporary) is { } inTheWay) throw new UnusableNameException($"{path}: cannot be written, {inTheWay}.");
        try
        {
            Directory.CreateDirectory(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The name of a temporary folder says nothing to anybody.
            throw new CannotWriteException($"{path}: cannot be written, {(AtomicFile.IsDiskFull(e as IOException ?? new()) ? "the disk is full"
                : $"no folder can be made in '{Path.GetDirectoryName(temporary)}'")}.", e);
        }
    }

    private static void Name(string full, string temporary, string aside)
    {
        bool replaces = Directory.Exists(full), isLink = new DirectoryInfo(full).LinkTarget is not null;
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
        if (!replaces) return;
        if (!isLink) KeepOthers(aside, full); // of a link, the link alone goes
        Directory.Delete(aside, recursive: true);
    }

    /// <summary>Moves what the new folder does not have.</summary>
    private static void KeepOthers(string from, string to)
    {
        try
        {
            foreach (string entry in Directory.EnumerateFileSystemEntries(from).ToList())
                if (Path.Combine(to, Path.GetFileName(entry)) is var kept && !Path.Exists(kept)) Directory.Move(entry, kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotWriteException($"{to}: it was written, but what else was in it lies in '{from}' ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
