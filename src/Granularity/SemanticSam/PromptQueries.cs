using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Prompts, each a box: a click is a small one.</summary>
/// <param name="Boxes">[B, n, 4]: (cx, cy, w, h) relative to the padded image, 0..1.</param>
/// <param name="Kinds">[B, n] int64 rows of the prompt kind embedding: <see cref="Click"/> or <see cref="Box"/>.</param>
internal sealed record PromptQueries(Tensor Boxes, Tensor Kinds)
{
    /// <summary>Row of the prompt kind embedding for a click.</summary>
    public const long Click = 0;

    /// <summary>Row of the prompt kind embedding for a box.</summary>
    public const long Box = 1;

    /// <summary>Whether the mask tokens of all prompts see each other, as in the published demo; else those of a prompt see only each other.</summary>
    public bool Joint { get; init; }
}
