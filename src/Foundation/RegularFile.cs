using System.Text;

namespace SemanticSam.Foundation;

/// <summary>
/// Opens files that are read as a whole or mapped. A named pipe, a socket or a device in the place of a file is refused before it is opened: opening a
/// pipe waits for a writer that never comes, and /dev/zero has no end.
/// </summary>
internal static class RegularFile
{
    /// <summary>Bytes of what is read as a whole and written by hand or in one go (settings, vocabularies, records, lists of words): 32 MiB.</summary>
    public const long LargestText = 32 << 20;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferSize">Of the stream, in bytes; 0 or 1 for none.</param>
    /// <param name="options">How it will be read.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It is a pipe, a socket or a device, or cannot be opened.</exception>
    public static FileStream OpenRead(string path, int bufferSize = 1 << 16, FileOptions options = FileOptions.None)
    {
        Require(path);
        try
        {
            return new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize, options);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException(new FileInfo(path).LinkTarget is { } target ? $"{path} is a link to '{target}', where there is no file."
                : $"There is no file '{path}'.", path, e);
        }
    }

    /// <summary>Opens a file of at most <paramref name="most"/> bytes for reading.</summary>
    /// <inheritdoc cref="ReadAllBytes" path="/exception"/>
    public static FileStream OpenBounded(string path, long most, int bufferSize = 1 << 16)
    {
        var stream = OpenRead(path, bufferSize, FileOptions.SequentialScan);
        if (stream.Length <= most) return stream;
        long length = stream.Length;
        stream.Dispose();
        throw new UnusableFileException($"{path} has {length} bytes; at most {most} are allowed for such a file.");
    }

    /// <summary>The content of a file of at most <paramref name="most"/> bytes.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It is larger, no regular file, or cannot be read.</exception>
    public static byte[] ReadAllBytes(string path, long most)
    {
        using var stream = OpenBounded(path, Math.Min(most, Array.MaxLength), bufferSize: 1);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The text of a file of at most <paramref name="most"/> bytes; UTF-8, or UTF-16 and UTF-32 with a mark.</summary>
    /// <inheritdoc cref="ReadAllBytes" path="/exception"/>
    public static string ReadAllText(string path, long most)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path, most)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The lines of such a text, one after the other, so that a long file takes no more memory than a short one.</summary>
    /// <inheritdoc cref="ReadAllBytes" path="/exception"/>
    public static IEnumerable<string> ReadLines(string path, long most)
    {
        using var reader = new StreamReader(OpenBounded(path, most), Encoding.UTF8);
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>Opens a file that grows, which is made where it is missing; not one that folders from elsewhere may lead to.</summary>
    /// <exception cref="IOException">It cannot be written; or it is a link or no regular file.</exception>
    public static FileStream OpenGrowing(string path, FileAccess access)
    {
        if (FileKinds.Of(path) == FileKind.Special) throw new IOException($"{path} is a pipe, a socket or a device, which is not written to.");
        if (new FileInfo(path).LinkTarget is { } target) throw new IOException($"{path} is a link to '{target}', which is not written through.");
        return new(path, access == FileAccess.Write ? FileMode.Append : FileMode.OpenOrCreate, access, FileShare.Read, bufferSize: 1);
    }

    /// <summary>Refuses what is there and is no regular file; what is not there is the opener's to say.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    public static void Require(string path)
    {
        if (FileKinds.Of(path) == FileKind.Special) throw new UnusableFileException($"{path} is a pipe, a socket or a device; a regular file is needed.");
    }
}
