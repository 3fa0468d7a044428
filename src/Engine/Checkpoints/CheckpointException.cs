using System.Globalization;
using SemanticSam.Foundation;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>
/// A file is not a checkpoint that may be read: damaged, foreign, hostile or beyond a limit. The message says what was found and what is allowed.
/// </summary>
public class CheckpointException : SemanticSamException
{
    /// <summary>Creates the exception; the message gets the file's name and, if known, the offset.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="what">What was found, and what is allowed.</param>
    /// <param name="offset">Where in the file, in bytes; null when no place can be named.</param>
    /// <param name="inner">The cause, if another exception was.</param>
    public CheckpointException(string file, string what, long? offset = null, Exception? inner = null)
        : base(Compose(file, what, offset), inner)
    {
        File = file;
        What = what;
        Offset = offset;
    }

    /// <summary>Path of the file.</summary>
    public string File { get; }

    /// <summary>What was found and what is allowed, without the file's name.</summary>
    public string What { get; }

    /// <summary>Where in the file, in bytes, when known.</summary>
    public long? Offset { get; }

    private static string Compose(string file, string what, long? offset)
        => offset is { } at ? string.Create(CultureInfo.InvariantCulture, $"{file}: at byte {at}: {what}") : $"{file}: {what}";
}
