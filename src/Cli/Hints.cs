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
    public static string? For(Exception e) => e switch
    {
        BatchException { Error: BatchError.AlreadyStarted } => "--resume continues it, another --out starts a new one.",
        BatchException { Error: BatchError.FolderInUse or BatchError.OtherBatch } => "Take another --out.",
        BatchException { Error: BatchError.Incomplete } => "--allow-missing merges what is there.",
        PromptException { Error: PromptError.NamesNotSupported } => "'semsam models' lists the models that answer text.",
        ModelNotFoundException { Model: { Address: not null, Embedded: false } model } => $"'semsam models pull {model.Name}' downloads it.",
        AnnotationFileException { Need: { } need } => For(need),
        TorchRuntimeException { Error: TorchError.NotFound } => "docs/cli.md tells where to get it.",
        _ => null,
    };

    /// <summary>Which switch gives what an annotation file cannot be read or written without; null where none would help.</summary>
    public static string? For(AnnotationNeed? need) => need switch
    {
        AnnotationNeed.Format => "(--from says which)",
        AnnotationNeed.Names => "(--names FILE gives them)",
        AnnotationNeed.Images => "(--images names the folder)",
        AnnotationNeed.Encoding => "(--encoding NAME reads it)",
        AnnotationNeed.Reference => "(--reference names it)",
        _ => null,
    };
}
