using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>What one decoder layer answers to the clicks on one image; queries are click-major.</summary>
/// <param name="Masks">[clicks * tokens, h, w] logits.</param>
/// <param name="Boxes">[clicks * tokens, 4]: (cx, cy, w, h).</param>
/// <param name="Ious">[clicks * tokens].</param>
/// <param name="Logits">[clicks * tokens, whole names]; null where classes are not trained.</param>
/// <param name="PartLogits">[clicks * tokens, part names]; null where classes are not trained.</param>
internal sealed record ClickPredictions(Tensor Masks, Tensor Boxes, Tensor Ious, Tensor? Logits = null, Tensor? PartLogits = null);
