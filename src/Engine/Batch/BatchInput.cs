namespace SemanticSam.Engine.Batch;

/// <summary>The images of a batch.</summary>
/// <param name="Root">Folder that the items' images are relative to.</param>
/// <param name="Items">What is to be done, in the order in which it is done.</param>
internal sealed record BatchInput(string Root, IReadOnlyList<BatchItem> Items)
{
    /// <summary>Path of an item's image.</summary>
    public string PathOf(BatchItem item) => System.IO.Path.Combine(Root, item.Image.Replace('/', System.IO.Path.DirectorySeparatorChar));
}
