using System.Text.Json;

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

    /// <summary>
    /// What is wrong, for programs that answer it or add a hint of their own: a word for the area, an underscore and what is wrong there, such as
    /// "prompt_outside_image". Stays the same where the message does not; docs/limits.md lists them.
    /// </summary>
    public abstract string Code { get; }

    /// <summary>The code of an error of an area.</summary>
    internal static string CodeOf(string area, Enum error) => $"{area}_{JsonNamingPolicy.SnakeCaseLower.ConvertName(error.ToString())}";
}
