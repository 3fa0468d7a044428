using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Text embeddings to classify by; whole names and part names are kept apart.</summary>
/// <param name="Whole">[names, T], or [B, names, T] where each image of a batch has names of its own; each of norm 1; null when there are no whole
/// names.</param>
/// <param name="Part">[names, T] or [B, names, T], each of norm 1; null when there are no part names.</param>
/// <param name="LogitScale">The language encoder's <c>logit_scale</c> (rank 0): similarities are multiplied by its exponential.</param>
internal sealed record NameEmbeddings(Tensor? Whole, Tensor? Part, Tensor LogitScale);
