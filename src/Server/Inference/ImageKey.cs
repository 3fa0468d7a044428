using SemanticSam.Masks;

namespace SemanticSam.Server.Inference;

/// <summary>Which encoded image: by its content, and the region of it that is looked at by itself.</summary>
/// <param name="Id">SHA-256 of the file, lower-case hex.</param>
/// <param name="Region">In pixels of the image; null for all of it.</param>
internal readonly record struct ImageKey(string Id, BoxI? Region = null)
{
    /// <summary>The image without its region.</summary>
    public ImageKey Whole => new(Id);
}
