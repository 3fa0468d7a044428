namespace SemanticSam.Foundation;

/// <summary>A file that was named cannot be what is read: it is a pipe, a socket or a device, or larger than such a file may be.</summary>
internal sealed class UnusableFileException(string message) : IOException(message);
