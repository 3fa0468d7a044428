using static TorchSharp.torch;

namespace SemanticSam.Training.Losses;

/// <summary>Source of uniform random numbers in [0, 1), so that an objective can be repeated exactly.</summary>
/// <param name="shape">Shape of the tensor wanted.</param>
/// <returns>A float32 tensor on any device.</returns>
internal delegate Tensor RandomUniform(params long[] shape);

/// <summary>How many points masks are compared at, and how many of them lie where a mask is unsure (PointRend, arXiv 1912.08193).</summary>
internal sealed record PointOptions
{
    /// <summary>Points a mask.</summary>
    public int Count { get; init; } = 12544;

    /// <summary>Candidates a point.</summary>
    public double Oversampling { get; init; } = 3;

    /// <summary>Share of the points taken among the least sure candidates; the rest is spread evenly.</summary>
    public double ImportantShare { get; init; } = 0.75;
}

/// <summary>Points where mask logits are nearest to zero, and some more anywhere.</summary>
internal static class UncertainPoints
{
    /// <summary>Chooses points of each mask; no gradient flows through the choice.</summary>
    /// <param name="logits">[R, h, w].</param>
    /// <param name="options">How many.</param>
    /// <param name="random">Asked twice: for the candidates, for the rest.</param>
    /// <returns>[R, points, 2]: (x, y) in 0..1, the least sure first.</returns>
    public static Tensor Choose(Tensor logits, PointOptions options, RandomUniform random)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        long rows = logits.shape[0], important = (long)(options.ImportantShare * options.Count);
        var candidates = random(rows, (long)(options.Oversampling * options.Count), 2).to(logits.device);
        var sureness = PointSampling.Sample(logits.unsqueeze(1), candidates).squeeze(1).abs(); // [R, candidates]
        var (_, chosen) = (-sureness).topk((int)important, 1);
        var points = candidates.gather(1, chosen.unsqueeze(-1).expand(-1, -1, 2));
        if (important == options.Count) return points.MoveToOuterDisposeScope();
        return cat([points, random(rows, options.Count - important, 2).to(logits.device)], 1).MoveToOuterDisposeScope();
    }

    /// <summary>Cross-entropy and Dice loss of each mask at points of its own.</summary>
    /// <param name="logits">[R, h, w].</param>
    /// <param name="targets">[R, H, W], 0 or 1, of the same extent.</param>
    /// <param name="options">How many points.</param>
    /// <param name="random">See <see cref="Choose"/>.</param>
    /// <returns>[R] and [R].</returns>
    public static (Tensor CrossEntropy, Tensor Dice) Losses(Tensor logits, Tensor targets, PointOptions options, RandomUniform random)
    {
        using var scope = NewDisposeScope();
        var points = Choose(logits, options, random);
        var (entropy, dice) = PointMaskLoss.Paired(
            PointSampling.Sample(logits.unsqueeze(1), points).squeeze(1), PointSampling.Sample(targets.unsqueeze(1), points).squeeze(1).detach());
        return (entropy.MoveToOuterDisposeScope(), dice.MoveToOuterDisposeScope());
    }
}
