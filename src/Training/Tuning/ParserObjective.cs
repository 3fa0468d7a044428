using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.Sam;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Training.Tuning;

/// <summary>What SAM-PARSER (arXiv 2308.14604) trains: the mask of a box, at the decoder's own resolution.</summary>
internal static class ParserObjective
{
    private const double Smoothing = 1e-5;

    /// <summary>Mask logits of boxes.</summary>
    /// <param name="prompts">SAM's prompt encoder, frozen.</param>
    /// <param name="decoder">SAM's mask decoder.</param>
    /// <param name="embedding">[1, C, h, w] of one image.</param>
    /// <param name="boxes">[N, 4] in pixels of the network's input.</param>
    /// <returns>[N, 1, 4h, 4w].</returns>
    public static Tensor Logits(PromptEncoder prompts, MaskDecoder decoder, Tensor embedding, Tensor boxes)
    {
        using var scope = NewDisposeScope();
        PromptEmbeddings embedded;
        Tensor position;
        using (no_grad()) (embedded, position) = (prompts.forward(boxes: boxes), prompts.DensePosition());
        return decoder.forward(embedding, position, embedded, multimask: false).Masks.MoveToOuterDisposeScope();
    }

    /// <summary>Dice, and binary cross-entropy with the same weight.</summary>
    /// <param name="logits">[N, 1, h, w].</param>
    /// <param name="targets">[N, 1, h, w], 0 or 1.</param>
    /// <param name="diceAlone">Without cross-entropy, as the released script computed it.</param>
    public static Tensor Loss(Tensor logits, Tensor targets, bool diceAlone = false)
    {
        using var scope = NewDisposeScope();
        var dice = DiceLoss.Squared(logits.flatten(1), targets.flatten(1), Smoothing, Smoothing).mean();
        return (diceAlone ? dice : dice + F.binary_cross_entropy_with_logits(logits, targets)).MoveToOuterDisposeScope();
    }

    /// <summary>Boxes whose sides are moved outwards, each by its own number of pixels.</summary>
    /// <param name="boxes">left, top, right, bottom.</param>
    /// <param name="most">Largest move; a move is 0 to this, without it.</param>
    /// <param name="frame">Rows and columns that boxes stay within.</param>
    /// <param name="random">Draws the moves.</param>
    public static float[] Widen(IReadOnlyList<Masks.BoxF> boxes, int most, LevelShape frame, Random random) =>
    [
        .. boxes.SelectMany(b => new[]
        {
            Math.Max(0, b.X1 - random.Next(Math.Max(1, most))), Math.Max(0, b.Y1 - random.Next(Math.Max(1, most))),
            Math.Min(frame.Width, b.X2 + random.Next(Math.Max(1, most))), Math.Min(frame.Height, b.Y2 + random.Next(Math.Max(1, most))),
        }),
    ];
}
