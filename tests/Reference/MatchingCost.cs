using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Reference;

/// <summary>What it costs to answer targets with queries.</summary>
internal static class MatchingCost
{
    /// <summary>Cross-entropy and Dice at one set of points for all masks: [Q, T] each, unweighted.</summary>
    public static (Tensor CrossEntropy, Tensor Dice) Masks(Tensor logits, Tensor targets, int points, RandomUniform random)
    {
        using var scope = NewDisposeScope();
        var at = random(1, points, 2).to(logits.device);
        var (entropy, dice) = PointMaskLoss.Pairwise(Sampled(logits, at), Sampled(targets, at));
        return (entropy.MoveToOuterDisposeScope(), dice.MoveToOuterDisposeScope());
    }

    /// <summary>Solves for a cost matrix [Q, T].</summary>
    public static (long[] Queries, long[] Targets) Solve(Tensor cost)
    {
        float[] values = cost.detach().cpu().contiguous().data<float>().ToArray();
        var (rows, columns) = LinearAssignment.Solve(values, (int)cost.shape[0], (int)cost.shape[1]);
        return ([.. rows.Select(r => (long)r)], [.. columns.Select(c => (long)c)]);
    }

    /// <summary>[R, h, w] at common points [1, P, 2] -> [R, P].</summary>
    private static Tensor Sampled(Tensor maps, Tensor points) => PointSampling.Sample(maps.unsqueeze(0), points).squeeze(0);
}
