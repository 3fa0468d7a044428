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

/// <summary>The images of a batch.</summary>
/// <param name="Root">Folder that the items' images are relative to.</param>
/// <param name="Items">What is to be done, in the order in which it is done.</param>
public sealed record BatchInput(string Root, IReadOnlyList<BatchItem> Items)
{
    /// <summary>Collects images.</summary>
    /// <param name="paths">Folders (all their images, at any depth), patterns (<c>photos/**/*.jpg</c>), lists (<c>@FILE</c>, one path a line) and
    /// images.</param>
    /// <param name="except">The folder that results go to: images in it are not input. Null for none.</param>
    /// <exception cref="BatchException">There is no such folder, nothing matches, or a list cannot be read.</exception>
    public static BatchInput Of(IEnumerable<string> paths, string? except = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var inputs = new InputCollector(except);
        foreach (string path in paths) inputs.Add(path);
        return inputs.ToInput();
    }

    /// <summary>Path of an item's image.</summary>
    public string PathOf(BatchItem item) => System.IO.Path.Combine(Root, item.Image.Replace('/', System.IO.Path.DirectorySeparatorChar));
}
