using SemanticSam.Foundation;

namespace SemanticSam.Training.Runs;

/// <summary>The folder that a training writes to over hours: whether it can be, and whether it is there still.</summary>
internal static class OutputFolder
{
    /// <summary>Makes it, or takes one that is there: what a killed run left unfinished in it goes.</summary>
    /// <exception cref="CannotWriteException">It cannot be made.</exception>
    public static void Make(string folder)
    {
        if (File.Exists(folder)) throw new CannotWriteException($"the output folder '{folder}' cannot be written: it is a file.");
        try
        {
            Directory.CreateDirectory(folder);
            string probe = AtomicFile.TemporaryIn(folder);
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            RemoveUnfinished(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotWriteException($"the output folder '{folder}' cannot be written: " + (UnusableNameException.WhyNot(Path.Combine(folder, "x"))
                ?? e.Message.TrimEnd('.')) + ".", e);
        }
    }

    /// <summary>Deletes files that a run which was killed did not finish; their names are given by this program alone.</summary>
    private static void RemoveUnfinished(string folder)
    {
        foreach (string file in Directory.GetFiles(folder).Where(AtomicFile.IsTemporary)) File.Delete(file);
    }

    /// <summary>
    /// A folder that was taken away meanwhile would quietly be made anew by the next checkpoint, without the files that were written at the beginning.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="first">A file that was written at the beginning.</param>
    /// <exception cref="CannotWriteException">It is gone.</exception>
    public static void Require(string folder, string first)
    {
        if (!File.Exists(Path.Combine(folder, first)))
            throw new CannotWriteException($"'{folder}' has no {first} any more, which was written at the beginning: something removed it meanwhile.");
    }

    /// <summary>
    /// A folder inside it, which is written to, without what a killed run left unfinished; links in a folder from elsewhere may lead anywhere.
    /// </summary>
    /// <exception cref="CannotWriteException">It is a link.</exception>
    public static string Below(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (new DirectoryInfo(path).LinkTarget is { } target)
            throw new CannotWriteException($"{path} is a link to '{target}', which is not written through.");
        if (Directory.Exists(path)) RemoveUnfinished(path);
        return path;
    }
}
