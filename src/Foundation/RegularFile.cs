using System.Text;

namespace SemanticSam.Foundation;

/// <summary>
/// Opens files that are read as a whole or mapped. A named pipe, a socket or a device in the place of a file is refused before it is opened: opening a
/// pipe waits for a writer that never comes, and /dev/zero has no end.
/// </summary>
internal static class RegularFile
{
    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferSize">Of the stream, in bytes; 0 or 1 for none.</param>
    /// <param name="options">How it will be read.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It is a pipe, a socket or a device, or cannot be opened.</exception>
    public static FileStream OpenRead(string path, int bufferSize = 1 << 16, FileOptions options = FileOptions.None)
    {
        Require(path);
        return new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize, options);
    }

    /// <summary>The content of a file of at most <paramref name="most"/> bytes.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It is larger, no regular file, or cannot be read.</exception>
    public static byte[] ReadAllBytes(string path, long most)
    {
        using var stream = OpenRead(path, bufferSize: 1, FileOptions.SequentialScan);
        long length = stream.Length;
        if (length > Math.Min(most, Array.MaxLength)) throw new IOException($"{path} has {length} bytes; at most {most} are allowed for such a file.");
        var bytes = new byte[length];
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

    /// <summary>Refuses what is there and is no regular file; what is not there is the opener's to say.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    public static void Require(string path)
    {
        if (FileKinds.Of(path) == FileKind.Special) throw new IOException($"{path} is a pipe, a socket or a device; a regular file is needed.");
    }
}
