using SemanticSam.Granularity.SemanticSam;

namespace SemanticSam.Training.Samples;

/// <summary>A name asked of an image.</summary>
/// <param name="Text">What is embedded.</param>
/// <param name="IsPart">Scored by the head for parts, else by that for wholes.</param>
/// <param name="Masks">The masks that carry it; empty when it is absent.</param>
internal sealed record TrainingName(string Text, bool IsPart, IReadOnlyList<int> Masks)
{
    /// <summary>Whether anything in the image carries the name.</summary>
    public bool IsPresent => Masks.Count > 0;
}

/// <summary>A click or a box with the masks that answer it.</summary>
/// <param name="Box">(cx, cy, w, h) relative to the canvas; a click has the size of <see cref="InteractiveInference.ClickSize"/>.</param>
/// <param name="IsBox">A box, else a click.</param>
/// <param name="Masks">Indices of the masks, the one it was drawn from first; at most as many as the decoder has mask tokens.</param>
internal sealed record TrainingPrompt((float X, float Y, float Width, float Height) Box, bool IsBox, IReadOnlyList<int> Masks);

/// <summary>One augmented image with everything that is asked of it, in plain arrays: made by a thread of its own.</summary>
internal sealed record TrainingSample
{
    /// <summary>File name of the image, for messages.</summary>
    public string Image { get; init; } = "";

    /// <summary>Side of the canvas.</summary>
    public required int Size { get; init; }

    /// <summary>[3, Size, Size], normalized, zero where the image ends.</summary>
    public required float[] Pixels { get; init; }

    /// <summary>[masks, 4]: (cx, cy, w, h) relative to the canvas.</summary>
    public required float[] Boxes { get; init; }

    /// <summary>Masks.</summary>
    public int MaskCount => Boxes.Length / 4;

    /// <summary>Clicks, then boxes.</summary>
    public required IReadOnlyList<TrainingPrompt> Prompts { get; init; }

    /// <summary>Names of wholes, then names of parts.</summary>
    public required IReadOnlyList<TrainingName> Names { get; init; }

    /// <summary>[points, 2]: (x, y) relative to the canvas, where masks are compared.</summary>
    public required float[] Points { get; init; }

    /// <summary>[masks, points]: 1 inside, 0 outside.</summary>
    public required float[] PointTargets { get; init; }

    /// <summary>
    /// [masks, Size/2, Size/2]: 1 where more than half of the pixels belong to the mask. Twice the resolution of mask logits: of a quarter, small
    /// parts would vanish.
    /// </summary>
    public required float[] HalfMasks { get; init; }
}
