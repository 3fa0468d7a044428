using SemanticSam.Foundation;

namespace SemanticSam.Cli;

/// <summary>The command line contradicts itself or has a value that is not allowed; the message says how.</summary>
internal sealed class UsageException(string message) : SemanticSamException(message)
{
    /// <inheritdoc/>
    public override string Code => "usage";
}

/// <summary>A result cannot be written.</summary>
internal sealed class OutputException(string message, Exception? inner = null) : SemanticSamException(message, inner)
{
    /// <inheritdoc/>
    public override string Code => "output_not_written";

    /// <summary>Writes; that the disk or the other end of a pipe does not take it is an <see cref="OutputException"/>.</summary>
    /// <param name="write">Writes.</param>
    /// <param name="to">What is written to, for messages that .NET gives without a name; null where they have one.</param>
    public static void Guard(Action write, string? to = null) => Guard(() => { write(); return 0; }, to);

    /// <inheritdoc cref="Guard(Action, string?)"/>
    public static T Guard<T>(Func<T> write, string? to = null)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException and not (FileNotFoundException or DirectoryNotFoundException) or UnauthorizedAccessException)
        {
            throw new OutputException(to is null ? e.Message : $"{to} cannot be written: {e.Message}", e);
        }
    }
}
