using System.CommandLine;
using System.Runtime.InteropServices;

namespace SemanticSam.Cli;

/// <summary>What all verbs share: an expected failure is one line on standard error and an exit code, never a stack trace.</summary>
internal static class Verb
{
    /// <summary>Sets what a command does.</summary>
    /// <param name="command">The command.</param>
    /// <param name="run">Returns the exit code; what it throws is reported in one line.</param>
    public static void Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction(async (result, cancellation) =>
        {
            try
            {
                return await run(result, cancellation);
            }
            catch (OperationCanceledException)
            {
                await result.InvocationConfiguration.Error.WriteLineAsync("semsam: interrupted");
                return ExitCodes.Interrupted;
            }
            catch (Exception e) when (Environment.GetEnvironmentVariable("SEMSAM_TRACE") is null or "")
            {
                await result.InvocationConfiguration.Error.WriteLineAsync($"semsam: {OneLine(e)}");
                return e is ArgumentException ? ExitCodes.Usage : ExitCodes.Failed;
            }
        });
    }

    /// <summary>The message in one line; where it comes from below, with the kind of the exception.</summary>
    private static string OneLine(Exception e)
    {
        string message = string.Join(' ', e.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        bool unexpected = e is ExternalException or NullReferenceException or InvalidCastException or IndexOutOfRangeException or TypeLoadException or DllNotFoundException;
        return unexpected ? $"{e.GetType().Name}: {message} (SEMSAM_TRACE=1 shows where)" : message;
    }
}
