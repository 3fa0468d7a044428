namespace SemanticSam.Foundation;

/// <summary>A file or folder of results cannot be written; the message says which and why, in a sentence.</summary>
internal class CannotWriteException(string message, Exception? inner = null) : IOException(message, inner);
