using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// Queries whose box and name are given: masks for known boxes at inference (conditioned mask decoding, arXiv 2303.08131),
/// denoising in training. They see the object queries, which do not see them; groups do not see each other.
/// </summary>
/// <param name="Content">[B, K, C]: the names' text embeddings through <c>lang_mapper</c>; zeros where a place is unused.</param>
/// <param name="Anchors">[B, K, 4]: boxes (cx, cy, w, h) relative to the padded image, before the sigmoid.</param>
/// <param name="Groups">Number of equal groups among the K queries.</param>
internal sealed record ConditionedQueries(Tensor Content, Tensor Anchors, long Groups = 1)
{
    /// <summary>Whether they see the object queries; queries that do not are answered alike whatever else is asked.</summary>
    public bool SeeObjects { get; init; } = true;

    /// <summary>[B, S, C]: the memory's tokens as queries are made of them, where these were; selecting object queries takes them up.</summary>
    internal Tensor? EncodedTokens { get; init; }
}
