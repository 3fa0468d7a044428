using SemanticSam.Engine.Batch;
using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Zoo;
using SemanticSam.Foundation;
using SemanticSam.Torch;

namespace SemanticSam.Cli;

/// <summary>What the process returns; documented in docs/cli.md. The launcher adds 3: the program could not be built.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>Something that was asked for could not be done, in part or in whole; standard error says what.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>An image, a prompt, annotations or another file that was named cannot be used.</summary>
    public const int BadInput = 4;

    /// <summary>The model is unknown, missing, damaged, or cannot do what was asked.</summary>
    public const int BadModel = 5;

    /// <summary>A result cannot be written.</summary>
    public const int CannotWrite = 6;

    /// <summary>A defect of the program; the message says what to report.</summary>
    public const int Internal = 70;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>The code of a failure. What neither the library nor the file system says is a defect of ours.</summary>
    public static int Of(Exception e) => e switch
    {
        OperationCanceledException => Interrupted,
        UsageException => Usage,
        CheckpointException { OfFeatures: not null } => BadInput,
        ModelNotFoundException or CheckpointException => BadModel,
        OutputException or BatchException { Error: BatchError.CannotWrite } => CannotWrite,
        IOException full when AtomicFile.IsDiskFull(full) => CannotWrite,
        CannotWriteException => CannotWrite,
        UnusableFileException => BadInput,
        TorchRuntimeException or ModelDownloadException => Failed,
        SemanticSamException or FileNotFoundException or DirectoryNotFoundException or InvalidDataException => BadInput,
        IOException or UnauthorizedAccessException => Failed,
        _ when Failures.IsShortOfMemory(e) => Failed,
        _ => Internal,
    };
}
