using System.CommandLine;
using SemanticSam.Engine;
using SemanticSam.Engine.Batch;
using SemanticSam.Engine.Zoo;
using SemanticSam.Formats;
using SemanticSam.Torch;

namespace SemanticSam.Cli;

/// <summary>Which switch or command helps: the library's messages speak of the value that is wrong, not of the command line.</summary>
internal static class Hints
{
    /// <summary>A sentence, or null where the message says all.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="command">The verb, whose switches are named; null for those of <c>convert</c>.</param>
    public static string? For(Exception e, Command? command = null) => e switch
    {
        BatchException { Error: BatchError.AlreadyStarted } => "--resume continues it, another --out starts a new one.",
        BatchException { Error: BatchError.FolderInUse or BatchError.OtherBatch } => "Take another --out.",
        BatchException { Error: BatchError.Incomplete } => "--allow-missing merges what is there.",
        PromptException { Error: PromptError.NamesNotSupported } => "'semsam models' lists the models that answer text.",
        ModelNotFoundException { Model: { Address: not null, Embedded: false } model } => $"'semsam models pull {model.Name}' downloads it.",
        AnnotationFileException { Need: { } need } => For(need, command),
        TorchRuntimeException { Error: TorchError.NotFound } => "docs/cli.md tells where to get it.",
        _ => null,
    };

    /// <summary>Which switch gives what an annotation file cannot be read or written without; null where none would help.</summary>
    /// <param name="need">What is needed.</param>
    /// <param name="command">The verb; one that lacks the switch is told of <c>convert</c>, which has it. Null for <c>convert</c> itself.</param>
    public static string? For(AnnotationNeed? need, Command? command = null)
    {
        var (option, helps) = need switch
        {
            AnnotationNeed.Format => ("--from", "--from says which"),
            AnnotationNeed.Names => ("--names", "--names FILE gives them"),
            AnnotationNeed.Images => ("--images", "--images names the folder"),
            AnnotationNeed.Encoding => ("--encoding", "--encoding NAME reads it"),
            AnnotationNeed.Reference => ("--reference", "--reference names it"),
            _ => ("", ""),
        };
        if (option.Length == 0) return null;
        if (command is null || Has(command, option) && !(need == AnnotationNeed.Images && Has(command, ImageFolder))) return $"({helps})";
        return need == AnnotationNeed.Images && Has(command, ImageFolder) ? $"({ImageFolder} names it)" : $"('semsam convert' makes a set of it: {helps})";
    }

    private const string ImageFolder = "--image-folder"; // of verbs whose --images is a number

    private static bool Has(Command command, string option) => command.Options.Any(o => o.Name == option);
}
