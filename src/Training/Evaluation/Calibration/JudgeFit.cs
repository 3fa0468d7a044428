using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>
/// Fits a <see cref="MaskJudge"/>: cross-entropy against the worth, all masks in each step, Adam. Of masks among others several fits from different weights
/// are averaged, since each finds another of many like answers: their hidden units lie side by side in one judge. The same masks give the same judge.
/// </summary>
internal static class JudgeFit
{
    /// <summary>Fewer masks say nothing.</summary>
    public const int LeastMasks = 500;

    // A mask by itself is known by 14 numbers, one among the others of its click by 117, which is more to weigh, and learned by heart sooner.
    private const int UnitsAlone = 16, StepsAlone = 1000, UnitsAmong = 32, StepsAmong = 500, FitsAmong = 4;

    private const int MasksAtOnce = 24_000, Digits = 5;
    private const double Rate = 0.02, Decay = 1e-4;

    /// <summary>The judge; null where there are too few masks.</summary>
    public static MaskJudge? Fit(IReadOnlyList<JudgedMask> masks)
    {
        if (masks.Count < LeastMasks) return null;
        int width = masks[0].Numbers.Length;
        var (units, steps, count) = width > MaskEvidence.Count ? (UnitsAmong, StepsAmong, FitsAmong) : (UnitsAlone, StepsAlone, 1);
        using var scope = NewDisposeScope();
        var (mean, scale) = Spread(masks);
        Portion[] portions = [.. masks.Chunk(MasksAtOnce).Select(some => Portion.Of(some, masks.Count, mean, scale))];
        Tensor[][] fits = [.. Enumerable.Range(1, count).Select(seed => Fit(portions, units, steps, seed))];
        // The scaling of the evidence goes into the weights, so that the judge takes it as it is.
        using var quiet = no_grad();
        Tensor Joined(int part) => cat([.. fits.Select(f => f[part].to(ScalarType.Float64))]);
        Tensor weights = Joined(0) / scale, bias = Joined(1) - weights.matmul(mean);
        return new()
        {
            Hidden = [.. Enumerable.Range(0, units * count).Select(u => Rounded(weights[u]))],
            HiddenBias = Rounded(bias), Output = Rounded(Joined(2) / count), OutputBias = Rounded(Joined(3).mean())[0],
        };
    }

    /// <summary>Weights and biases of the hidden units, and those of the output, each one a unit.</summary>
    private static Tensor[] Fit(Portion[] portions, int units, int steps, int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        Parameter[] all = [.. new long[][] { [units, portions[0].Evidence.shape[1]], [units], [units], [1] }.Select(shape => new Parameter(Weights(shape)))];
        using var adam = optim.Adam(all, Rate, weight_decay: Decay);
        for (int step = 0; step < steps; step++)
        {
            foreach (var group in adam.ParamGroups) group.LearningRate = Rate * Math.Min(1, 2.0 * (steps - step) / steps); // falls over the second half
            adam.zero_grad();
            foreach (var portion in portions)
            {
                using var inner = NewDisposeScope();
                Tensor logits = nn.functional.relu(portion.Evidence.matmul(all[0].t()) + all[1]).matmul(all[2]) + all[3];
                (nn.functional.binary_cross_entropy_with_logits(logits, portion.Worth) * portion.Share).backward();
            }
            using var rest = NewDisposeScope();
            adam.step();
        }
        return [.. all.Select(p => p.detach().MoveToOuterDisposeScope())];

        Tensor Weights(long[] shape) => (rand(shape, generator: generator) * 2 - 1) * Math.Pow(units, -0.5);
    }

    /// <summary>Mean and deviation of each number.</summary>
    private static (Tensor Mean, Tensor Scale) Spread(IReadOnlyList<JudgedMask> masks)
    {
        using var inner = NewDisposeScope();
        Tensor raw = Numbers(masks);
        return (raw.mean([0]).MoveToOuterDisposeScope(), raw.std(0).clamp_min(1e-6).MoveToOuterDisposeScope());
    }

    private static Tensor Numbers(IReadOnlyList<JudgedMask> masks)
    {
        int width = masks[0].Numbers.Length;
        var numbers = new double[masks.Count * width];
        for (int i = 0; i < masks.Count; i++) masks[i].Numbers.CopyTo(numbers, i * width);
        return tensor(numbers, masks.Count, width);
    }

    private static double[] Rounded(Tensor values) => [.. values.to(ScalarType.Float64).contiguous().data<double>().Select(v => Math.Round(v, Digits))];

    /// <summary>
    /// Masks whose gradient is taken at once. With all of 140,000, and a second loss over the masks of each click, the process grew by 300 MB a second,
    /// though no tensor outlived its step; in portions it stayed at 2 GB.
    /// </summary>
    private sealed record Portion(Tensor Evidence, Tensor Worth, double Share)
    {
        public static Portion Of(JudgedMask[] masks, int all, Tensor mean, Tensor scale)
        {
            using var inner = NewDisposeScope();
            Tensor evidence = ((Numbers(masks) - mean) / scale).to(ScalarType.Float32).MoveToOuterDisposeScope();
            Tensor worth = tensor(masks.Select(m => (float)m.Worth).ToArray()).MoveToOuterDisposeScope();
            return new(evidence, worth, (double)masks.Length / all);
        }
    }
}
