namespace SemanticSam.Torch;

/// <summary>The messages of libtorch's exceptions.</summary>
internal static class TorchMessage
{
    /// <summary>
    /// The message without the thirty frames of its own C++ stack that libtorch appends, which begin with "Exception raised from".
    /// What is not libtorch's stays as it is.
    /// </summary>
    public static string WithoutStack(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.IndexOf("\nException raised from ", StringComparison.Ordinal) is > 0 and var end ? message[..end].TrimEnd() : message;
    }
}
