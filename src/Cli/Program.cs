using System.CommandLine;
using System.CommandLine.Parsing;
using SemanticSam.Cli;

return await CommandLineTool.RunAsync(args);

namespace SemanticSam.Cli
{
    /// <summary>The command-line tool: one file a verb, each with a static Create() that returns its command.</summary>
    internal static class CommandLineTool
    {
        /// <summary>After Ctrl-C: long enough for a step of a training to end and its state to be written.</summary>
        private static readonly TimeSpan SavingTime = TimeSpan.FromMinutes(2);

        public static RootCommand Create() => new("Open-vocabulary whole/part segmentation: a picture and words, points, boxes or masks in, labelled masks out.")
        {
            SegmentCommand.Create(),
            PartsCommand.CreateParts(),
            PartsCommand.CreateWhole(),
            EvaluateCommand.Create(),
            TrainCommand.Create(),
            ModelsCommand.Create(),
        };

        /// <summary>Runs a command line.</summary>
        /// <param name="arguments">Words of the command line.</param>
        /// <param name="output">Standard output; null for the console's.</param>
        /// <param name="error">Standard error; null for the console's.</param>
        /// <returns>One of <see cref="ExitCodes"/>.</returns>
        public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter? output = null, TextWriter? error = null)
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = SavingTime, Output = output ?? Console.Out, Error = error ?? Console.Error };
            var result = Create().Parse(arguments);
            if (result.Errors.Count == 0) return await result.InvokeAsync(configuration);
            foreach (ParseError problem in result.Errors) await configuration.Error.WriteLineAsync($"semsam: {problem.Message}");
            await configuration.Error.WriteLineAsync($"semsam: 'semsam {(result.CommandResult.Command is RootCommand ? "" : result.CommandResult.Command.Name + " ")}--help' shows what is possible.");
            return ExitCodes.Usage;
        }
    }
}
