using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Server.Inference;

/// <summary>Masks that were found.</summary>
/// <param name="Masks">In pixels of the image that was looked at, without their logits.</param>
/// <param name="Logits">For each mask the handle of its logits; null where the model takes none back.</param>
/// <param name="Names">How the names that were asked for were understood; empty where the model takes them as they are.</param>
internal sealed record PromptAnswer(IReadOnlyList<MaskResult> Masks, IReadOnlyList<string?>? Logits = null, IReadOnlyList<NameReport>? Names = null);
