using System.CommandLine;
using System.Runtime.InteropServices;
using SemanticSam.Foundation;
using SemanticSam.Torch;

namespace SemanticSam.Cli;

/// <summary>From an exception to the line that a person reads.</summary>
internal static class Failures
{
    /// <summary>The message and what helps, in one line; a defect comes with its kind and how to learn more.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="command">The verb, whose switches are named; null where it does not matter.</param>
    public static string OneLine(Exception e, Command? command = null)
    {
        if (e is OperationCanceledException) return "interrupted; no half-written result was left.";
        if (IsShortOfMemory(e))
            return "there is not enough memory for this. Ask for less at a time (smaller images, a smaller --batch), or end other programs.";
        string message = MessageText.OneLine(TorchMessage.WithoutStack(e.Message).Trim());
        if (IsDefect(e)) return $"{e.GetType().Name}: {message} (SEMSAM_TRACE=1 shows where)";
        return Hints.For(e, command) is { } hint ? $"{message} {hint}" : message;
    }

    /// <summary>What is behind an exception that .NET puts around another: libtorch is loaded by a type initializer.</summary>
    public static Exception Cause(Exception e)
    {
        while (e is TypeInitializationException or AggregateException { InnerExceptions.Count: 1 } && e.InnerException is { } inner) e = inner;
        return e;
    }

    /// <summary>Whether the line of a job that failed this way may be skipped and the job go on.</summary>
    public static bool IsOfOneLine(Exception e) => e is not (OperationCanceledException or OutputException) && !IsDefect(e);

    /// <summary>Whether memory ran out, the machine's or a graphics card's: .NET says it by a kind of exception, libtorch in words.</summary>
    public static bool IsShortOfMemory(Exception e) => e is OutOfMemoryException
        || e is ExternalException && TorchShortage.Any(words => e.Message.Contains(words, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] TorchShortage = ["can't allocate memory", "out of memory"];

    private static bool IsDefect(Exception e) => ExitCodes.Of(e) == ExitCodes.Internal;
}
