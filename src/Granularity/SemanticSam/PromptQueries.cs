using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Whether prompts that go through the decoder together influence each other.</summary>
public enum PromptIsolation
{
    /// <summary>
    /// The mask tokens of a prompt see only each other: the answer to a prompt does not depend on what else is asked in the
    /// call. So do the training and the evaluation of Semantic-SAM.
    /// </summary>
    Isolated,

    /// <summary>
    /// All mask tokens of all prompts see each other, as in the published demo and its mask generator: results depend on the
    /// other prompts of the call and on the batch size.
    /// </summary>
    Joint,
}

/// <summary>Prompts, each a box: a click is a small one.</summary>
/// <param name="Boxes">[B, n, 4]: (cx, cy, w, h) relative to the padded image, 0..1.</param>
/// <param name="Kinds">[B, n] int64 rows of the prompt kind embedding: <see cref="Click"/> or <see cref="Box"/>.</param>
internal sealed record PromptQueries(Tensor Boxes, Tensor Kinds)
{
    /// <summary>Row of the prompt kind embedding for a click.</summary>
    public const long Click = 0;

    /// <summary>Row of the prompt kind embedding for a box.</summary>
    public const long Box = 1;

    /// <summary>Whether the prompts influence each other.</summary>
    public PromptIsolation Isolation { get; init; } = PromptIsolation.Isolated;
}
