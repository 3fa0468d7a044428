using System.CommandLine;

namespace SemanticSam.Cli.Verbs;

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
            catch (Exception e) when (Environment.GetEnvironmentVariable("SEMSAM_TRACE") is null or "")
            {
                var cause = Failures.Cause(e);
                await result.InvocationConfiguration.Error.WriteLineAsync($"semsam: {Failures.OneLine(cause, command)}");
                return ExitCodes.Of(cause);
            }
        });
    }
}
