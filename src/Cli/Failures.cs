using System.Runtime.InteropServices;
using System.Text.Json;
using SemanticSam.Cli.Output;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.Formats;
using SemanticSam.Foundation;
using SemanticSam.Torch;

namespace SemanticSam.Cli;

/// <summary>From an exception to the line a person reads and the code a script reads.</summary>
internal static class Failures
{
    public static int ExitCode(Exception e) => e switch
    {
        OperationCanceledException => ExitCodes.Interrupted,
        UsageException => ExitCodes.Usage,
        ModelNotFoundException or CheckpointException => ExitCodes.BadModel,
        OutputException or BatchWriteException => ExitCodes.CannotWrite,
        TorchRuntimeException or ModelDownloadException => ExitCodes.Failed,
        SemanticSamException or ArgumentException or JsonException or FormatException or FileNotFoundException or DirectoryNotFoundException => ExitCodes.BadInput,
        _ when IsUnexpected(e) => ExitCodes.Internal,
        _ => ExitCodes.Failed,
    };

    /// <summary>The message in one line; what should not happen comes with its kind and how to learn more.</summary>
    public static string OneLine(Exception e)
    {
        if (e is OperationCanceledException) return "interrupted; no half-written result was left.";
        string message = string.Join(' ', WithoutNativeStack(e.Message).Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        // .NET appends the parameter's name, which means nothing on a command line.
        if (e is ArgumentException && message.IndexOf(" (Parameter '", StringComparison.Ordinal) is > 0 and var cut) message = message[..cut];
        return IsUnexpected(e) ? $"{e.GetType().Name}: {message} (SEMSAM_TRACE=1 shows where)" : message + Hint(e);
    }

    /// <summary>What helps on the command line; the library knows nothing of it.</summary>
    private static string Hint(Exception e) => e switch
    {
        PromptException { Error: PromptError.NamesNotSupported } => " 'semsam models' lists the models that answer text.",
        ModelNotFoundException { Model: { Address: not null, Embedded: false } model } => $" 'semsam models pull {model.Name}' downloads it.",
        AnnotationFileException { Need: { } need } => FormatHints.Of(need),
        _ => "",
    };

    /// <summary>libtorch appends thirty frames of its own stack to every message.</summary>
    private static string WithoutNativeStack(string message) => message.IndexOf("\nException raised from", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;

    /// <summary>Whether the line of a job that failed this way may be skipped and the job go on.</summary>
    public static bool IsOfOneLine(Exception e) => e is not (OperationCanceledException or OutputException) && !IsUnexpected(e);

    private static bool IsUnexpected(Exception e) =>
        e is ExternalException or NullReferenceException or InvalidCastException or IndexOutOfRangeException or TypeLoadException or DllNotFoundException;
}

/// <summary>The command line contradicts itself; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>A result cannot be written.</summary>
internal sealed class OutputException(string message, Exception? inner = null) : Exception(message, inner);
