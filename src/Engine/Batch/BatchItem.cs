using SemanticSam.Foundation;

namespace SemanticSam.Engine.Batch;

/// <summary>One question of a batch: a picture and, where each picture is asked something of its own, a prompt.</summary>
/// <param name="Key">Names the result; unique in a batch. The picture's name, with "#2", "#3" for further questions about one picture.</param>
/// <param name="Picture">Path of the picture relative to the batch's root, with "/" between folders.</param>
/// <param name="Prompt">The line of a prompts file; null when all pictures are asked the same.</param>
public sealed record BatchItem(string Key, string Picture, string? Prompt = null)
{
    /// <summary>An item of a picture that is asked what all are asked.</summary>
    public BatchItem(string picture) : this(picture, picture)
    {
    }
}

/// <summary>The pictures of a batch.</summary>
/// <param name="Root">Folder that the items' pictures are relative to.</param>
/// <param name="Items">What is to be done, in the order in which it is done.</param>
public sealed record BatchInput(string Root, IReadOnlyList<BatchItem> Items)
{
    /// <summary>Path of an item's picture.</summary>
    public string PathOf(BatchItem item) => System.IO.Path.Combine(Root, item.Picture.Replace('/', System.IO.Path.DirectorySeparatorChar));
}

/// <summary>A batch cannot be done as asked: its input, its folder or its options; the message says what to change.</summary>
public sealed class BatchException(string message) : SemanticSamException(message);

/// <summary>A batch stops because its results cannot be written.</summary>
public sealed class BatchWriteException(string message, Exception? inner = null) : SemanticSamException(message, inner);
