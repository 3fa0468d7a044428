namespace SemanticSam.Engine.Batch;

/// <summary>One question of a batch: an image and, where each image is asked something of its own, a prompt.</summary>
/// <param name="Key">Names the result; unique in a batch. The image's name, with "#2", "#3" for further questions about one image.</param>
/// <param name="Image">Path of the image relative to the batch's root, with "/" between folders.</param>
/// <param name="Prompt">The line of a prompts file; null when all images are asked the same.</param>
public sealed record BatchItem(string Key, string Image, string? Prompt = null)
{
    /// <summary>An item of an image that is asked what all are asked.</summary>
    public BatchItem(string image) : this(image, image)
    {
    }
}
