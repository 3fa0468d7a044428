using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>Why a batch cannot be done as asked.</summary>
internal enum BatchError
{
    /// <summary>The input names nothing, or cannot be read.</summary>
    Input,

    /// <summary>The folder holds a batch already, and it was not asked to resume it (<see cref="BatchStart.Resume"/>).</summary>
    AlreadyStarted,

    /// <summary>The folder holds something else: results without a manifest, other files, or it is one of the shards that are merged.</summary>
    FolderInUse,

    /// <summary>The folder holds another batch: another model, question, input, shard or version.</summary>
    OtherBatch,

    /// <summary>Another process works in the folder.</summary>
    Busy,

    /// <summary>The folder holds no batch.</summary>
    NoBatch,

    /// <summary>A file of the batch is damaged or of a version that this one does not read.</summary>
    Damaged,

    /// <summary>The folders are not shards of one batch, or they overlap.</summary>
    NotOneBatch,

    /// <summary>Shards or results are missing, and merging without them was not allowed.</summary>
    Incomplete,

    /// <summary>Results cannot be written; the batch stops.</summary>
    CannotWrite,
}

/// <summary>A batch cannot be done as asked; the message names what is in the way.</summary>
internal sealed class BatchException : SemanticSamException
{
    internal BatchException(BatchError error, string message, Exception? inner = null) : base(message, inner) => Error = error;

    /// <inheritdoc/>
    public override string Code => CodeOf("batch", Error);

    internal BatchError Error { get; }

    /// <summary>Writes; that the disk does not take it is <see cref="BatchError.CannotWrite"/>.</summary>
    /// <param name="write">Writes.</param>
    /// <param name="ofItem">Whether names are those of items: one that cannot be fails alone.</param>
    internal static void Guard(Action write, bool ofItem = true)
    {
        try
        {
            write();
        }
        catch (UnusableNameException e) when (ofItem)
        {
            throw new BatchException(BatchError.Input, e.Message, e); // of one item: the others go on
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BatchException(BatchError.CannotWrite, e.Message, e);
        }
    }
}
