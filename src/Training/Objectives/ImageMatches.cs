using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Training.Objectives;

/// <summary>Which queries of an image answer for which masks.</summary>
/// <param name="PromptQueries">Prompt queries, prompt-major.</param>
/// <param name="PromptMasks">Their masks.</param>
/// <param name="IsClick">Whether the prompt is a click.</param>
/// <param name="ObjectQueries">Object queries.</param>
/// <param name="ObjectMasks">Their masks.</param>
internal sealed record ImageMatches(long[] PromptQueries, long[] PromptMasks, bool[] IsClick, long[] ObjectQueries, long[] ObjectMasks)
{
    // Stands for a cost that is not a number: a training gone wrong must end by its loss, not by the matching.
    private const float Undefined = 1e3f;

    /// <summary>
    /// Matches the answers of the last layer: the tokens of a prompt with the masks that answer it (many to many, arXiv 2307.04767), all object
    /// queries with all masks that carry a name, each at most once. Where the tokens of a click begin at sizes of their own, a mask goes to
    /// the token nearest in size: by mask and box alone the first token wins every lone mask, small or large, and the others learn nothing.
    /// </summary>
    public static ImageMatches Of(ImagePredictions last, Tensor features, ImageTargets targets, DecoderConfig decoder, ObjectiveOptions weights)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        int tokens = decoder.MaskTokens;
        var prompts = targets.Sample.Prompts;
        var (promptQueries, promptMasks, isClick) = (new List<long>(), new List<long>(), new List<bool>());
        int masks = targets.Sample.MaskCount;
        float[] costs = Host(Cost(last.PromptCodes, features, targets.Points, targets.Masks, targets.Boxes, weights));
        for (int p = 0; p < prompts.Count; p++)
        {
            var wanted = prompts[p].Masks;
            var part = new float[tokens * wanted.Count];
            for (int t = 0; t < tokens; t++)
                for (int m = 0; m < wanted.Count; m++)
                {
                    float fit = costs[(p * tokens + t) * masks + wanted[m]];
                    part[t * wanted.Count + m] = prompts[p].IsBox || decoder.Additions?.ClickSizes is not { } sizes ? fit
                        : (float)(weights.TokenSize * Math.Abs(Math.Log(sizes[t] / SizeOf(targets.Sample.Boxes, wanted[m]))) + weights.BesideTokenSize * fit);
                }
            var (rows, columns) = LinearAssignment.Solve(part, tokens, wanted.Count);
            for (int i = 0; i < rows.Length; i++)
            {
                promptQueries.Add(p * tokens + rows[i]);
                promptMasks.Add(wanted[columns[i]]);
                isClick.Add(!prompts[p].IsBox);
            }
        }
        if (targets.Named.Length == 0) return new([.. promptQueries], [.. promptMasks], [.. isClick], [], []);

        var named = tensor(targets.Named.Select(m => (long)m).ToArray(), device: features.device);
        var cost = Cost(last.ObjectCodes, features, targets.Points, targets.Masks.index_select(0, named), targets.Boxes.index_select(0, named), weights)
            + weights.Class * FocalLoss.Cost(last.ObjectLogits!, targets.Labels.index_select(0, named));
        var (objectRows, objectColumns) = LinearAssignment.Solve(Host(cost), (int)cost.shape[0], targets.Named.Length);
        return new([.. promptQueries], [.. promptMasks], [.. isClick], [.. objectRows.Select(r => (long)r)],
            [.. objectColumns.Select(c => (long)targets.Named[c])]);
    }

    /// <summary>Side of a square as large as a mask's box, relative to the canvas.</summary>
    private static double SizeOf(float[] boxes, int mask) => Math.Max(1e-4, Math.Sqrt(boxes[4 * mask + 2] * boxes[4 * mask + 3]));

    /// <summary>Matches what the selection itself proposes, by classes and boxes: [object queries], [masks].</summary>
    public static (long[] Queries, long[] Masks) OfSelection(Tensor logits, Tensor boxes, ImageTargets targets, ObjectiveOptions weights)
    {
        if (targets.Named.Length == 0) return ([], []);
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var named = tensor(targets.Named.Select(m => (long)m).ToArray(), device: boxes.device);
        var cost = weights.Class * FocalLoss.Cost(logits, targets.Labels.index_select(0, named))
            + BoxCost(boxes, targets.Boxes.index_select(0, named), weights);
        var (rows, columns) = LinearAssignment.Solve(Host(cost), (int)cost.shape[0], targets.Named.Length);
        return ([.. rows.Select(r => (long)r)], [.. columns.Select(c => (long)targets.Named[c])]);
    }

    private static Tensor Cost(MaskCodes codes, Tensor features, Tensor points, Tensor masks, Tensor maskBoxes, ObjectiveOptions weights)
    {
        var (entropy, dice) = PointMaskLoss.Pairwise(codes.At(features, points.squeeze(0)), masks);
        return weights.CrossEntropy * entropy + weights.Dice * dice + BoxCost(codes.Boxes, maskBoxes, weights); // [Q, masks]
    }

    private static Tensor BoxCost(Tensor boxes, Tensor targets, ObjectiveOptions weights) =>
        weights.BoxL1 * BoxDistance.L1(boxes, targets) - weights.BoxGiou * BoxDistance.GeneralizedIou(boxes, targets);

    private static float[] Host(Tensor cost)
    {
        float[] values = cost.cpu().contiguous().data<float>().ToArray();
        for (int i = 0; i < values.Length; i++)
            if (!float.IsFinite(values[i])) values[i] = Undefined;
        return values;
    }
}
