using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>What the heads say of a run of queries at one depth of the decoder.</summary>
internal sealed record Predictions
{
    /// <summary>[B, Q, 4]: boxes (cx, cy, w, h) relative to the padded image, 0..1.</summary>
    public required Tensor Boxes { get; init; }

    /// <summary>[B, Q, ...]: with the mask features they give the masks, see <see cref="MaskCodes.Planes"/>. Null when no masks were asked for.</summary>
    public MaskCodes? Codes { get; init; }

    /// <summary>[B, Q, H/4, W/4] mask logits; null when they were not asked for at this depth.</summary>
    public Tensor? Masks { get; init; }

    /// <summary>[B, Q, whole names] logits; null without whole names.</summary>
    public Tensor? Logits { get; init; }

    /// <summary>[B, Q, part names] logits; null without part names or without a class projection for parts.</summary>
    public Tensor? PartLogits { get; init; }

    /// <summary>[B, prompts, mask tokens] predicted quality, unbounded; null for object queries.</summary>
    public Tensor? Ious { get; init; }

    internal Predictions MoveToOuterDisposeScope()
    {
        Boxes.MoveToOuterDisposeScope();
        Codes?.MoveToOuterDisposeScope();
        Masks?.MoveToOuterDisposeScope();
        Logits?.MoveToOuterDisposeScope();
        PartLogits?.MoveToOuterDisposeScope();
        Ious?.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>
    /// These predictions for queries <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> - 1; quality is left out.
    /// </summary>
    internal Predictions Slice(long start, long count) => new()
    {
        Boxes = Boxes.narrow(1, start, count),
        Codes = Codes?.Each(t => t.narrow(1, start, count)),
        Masks = Masks?.narrow(1, start, count),
        Logits = Logits?.narrow(1, start, count),
        PartLogits = PartLogits?.narrow(1, start, count),
    };
}
