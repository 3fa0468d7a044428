namespace SemanticSam.Foundation;

/// <summary>
/// The base of everything that this library throws about what it was given: an image, a prompt, a checkpoint, an annotation file, a batch, an
/// installed libtorch. The message names the value and what is allowed, in one line, and needs no addition to be shown to a person.
/// </summary>
/// <remarks>
/// Not below it are the faults of a calling program (<see cref="ArgumentException"/> for null and options out of their range,
/// <see cref="ObjectDisposedException"/>), and what .NET says itself of files (<see cref="IOException"/>) and of stopping
/// (<see cref="OperationCanceledException"/>).
/// </remarks>
public abstract class SemanticSamException : Exception
{
    /// <summary>With a message.</summary>
    /// <param name="message">What was given and what is allowed, in one line. Control and direction characters in it are shown as \uXXXX, long values
    /// cut.</param>
    /// <param name="inner">The cause, if another exception was.</param>
    protected SemanticSamException(string message, Exception? inner = null) : base(MessageText.OneLine(message), inner)
    {
    }
}
