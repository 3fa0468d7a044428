using System.CommandLine;
using System.CommandLine.Parsing;
using SemanticSam.Cli.Output;
using SemanticSam.Cli.Verbs;
using SemanticSam.Foundation;

namespace SemanticSam.Cli;

/// <summary>The command-line tool: one file a verb, each with a static Create() that returns its command.</summary>
internal static class CommandLineTool
{
    /// <summary>After Ctrl-C: long enough for a step of a training to end and its state to be written.</summary>
    private static readonly TimeSpan SavingTime = TimeSpan.FromMinutes(2);

    /// <summary>Longer than a server gives requests to finish.</summary>
    private static readonly TimeSpan ServingTime = TimeSpan.FromSeconds(40);

    /// <summary>How long any other verb has to stop by itself.</summary>
    private static readonly TimeSpan StoppingTime = TimeSpan.FromSeconds(2);

    public static RootCommand Create() => new("Open-vocabulary whole/part segmentation: an image and words, points, boxes or masks in, labeled masks out.")
    {
        SegmentCommand.Create(),
        ServeCommand.Create(),
        McpCommand.Create(),
        MergeCommand.Create(),
        VerifyCommand.Create(),
        PartsCommand.CreateParts(),
        PartsCommand.CreateWhole(),
        ConvertCommand.Create(),
        EvaluateCommand.Create(),
        TrainCommand.Create(),
        TuneCommand.Create(),
        ModelsCommand.Create(),
        VocabularyCommand.Create(),
    };

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">Words of the command line.</param>
    /// <param name="output">Standard output; null for the console's.</param>
    /// <param name="error">Standard error; null for the console's.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter? output = null, TextWriter? error = null)
    {
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = new OutputWriter(output ?? Console.Out),
            Error = new ErrorWriter(error ?? Console.Error),
        };
        // Before the line is read, which takes a part of a second: who presses Ctrl-C then gets the same code.
        using var interruption = new Interruption(configuration.Error, StoppingTime);
        // "@list.txt" is a list of images, not of words for the command line.
        var result = Create().Parse([.. arguments.SelectMany(EmptyValue)], new ParserConfiguration { ResponseFileTokenReplacer = null });
        string verb = result.CommandResult.Command is RootCommand ? "" : result.CommandResult.Command.Name + " ";
        string[] wrong = result.Errors.Count > 0 ? [.. result.Errors.Select(Plain)] : [.. EmptyValues(result.CommandResult)];
        if (wrong.Length == 0)
        {
            interruption.Patience = PatienceOf(verb.TrimEnd());
            try
            {
                return await result.InvokeAsync(configuration, interruption.Token);
            }
            catch (OutputException e) // of what no verb prints: help, version
            {
                await configuration.Error.WriteLineAsync($"semsam: {Failures.OneLine(e)}");
                return ExitCodes.Of(e);
            }
        }
        string problems = MessageText.OneLine(string.Join(' ', wrong.Distinct()));
        await configuration.Error.WriteLineAsync($"semsam: {problems} 'semsam {verb}--help' shows what is possible.");
        return ExitCodes.Usage;
    }

    /// <summary>How long a verb is given after Ctrl-C to stop by itself.</summary>
    internal static TimeSpan PatienceOf(string verb) => verb switch
    {
        "train" or "tune" => SavingTime,
        "serve" or McpCommand.Name => ServingTime,
        _ => StoppingTime,
    };

    /// <summary>"--text=" is an empty text, which the parser would otherwise fill with the next word.</summary>
    private static string[] EmptyValue(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=') == word.Length - 1 ? [word[..^1], ""] : [word];

    /// <summary>
    /// What is empty where a word is needed: a script whose variable is not set gives such, and as a path it would be the folder at hand, or none. An empty
    /// list of names has a message of its own.
    /// </summary>
    private static IEnumerable<string> EmptyValues(CommandResult command)
    {
        foreach (var child in command.Children)
            if (child is OptionResult { Implicit: false } option && !IsOfNames(option.Option, command.Command) && HasEmpty(option.Tokens))
                yield return $"{option.Option.Name} is empty.";
            else if (child is ArgumentResult argument && HasEmpty(argument.Tokens))
                yield return $"{argument.Argument.HelpName ?? argument.Argument.Name} is empty.";
    }

    private static bool IsOfNames(Option option, Command verb) => option.Name == "--text" && verb.Name is ("segment" or "parts" or "whole");

    private static bool HasEmpty(IReadOnlyList<Token> tokens) => tokens.Any(t => string.IsNullOrWhiteSpace(t.Value));

    /// <summary>The parser's message without its type names.</summary>
    private static string Plain(ParseError problem)
    {
        string message = problem.Message.ReplaceLineEndings(" ").Replace("System.Nullable`1[System.Int32]", "whole number")
            .Replace("System.Int32", "whole number").Replace("System.Double", "number");
        return message.EndsWith('.') ? message : message + ".";
    }
}
