using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>
/// Fits a <see cref="MaskJudge"/>: cross-entropy against the worth, all masks at once, Adam. Where the masks of a click compete, the worth of the one that a
/// softmax over them would choose counts as well. Several fits from different weights are averaged, since each finds another of many like answers: their
/// hidden units lie side by side in one judge. The same masks give the same judge.
/// </summary>
internal static class JudgeFit
{
    /// <summary>Fewer masks say nothing.</summary>
    public const int LeastMasks = 500;

    // A mask by itself is known by 14 numbers, one among the others of its click by 117, which is more to weigh, and learned by heart sooner.
    private const int UnitsAlone = 16, StepsAlone = 1000, UnitsAmong = 32, StepsAmong = 500;

    private const int Fits = 4, Digits = 5;
    private const double Rate = 0.02, Decay = 1e-4;

    /// <summary>The judge; null where there are too few masks.</summary>
    public static MaskJudge? Fit(IReadOnlyList<JudgedMask> masks)
    {
        if (masks.Count < LeastMasks) return null;
        int width = masks[0].Numbers.Length;
        var (units, steps) = width > MaskEvidence.Count ? (UnitsAmong, StepsAmong) : (UnitsAlone, StepsAlone);
        using var scope = NewDisposeScope();
        double[] numbers = new double[masks.Count * width];
        for (int i = 0; i < masks.Count; i++) masks[i].Numbers.CopyTo(numbers, i * width);
        Tensor raw = tensor(numbers, masks.Count, width), mean = raw.mean([0]), scale = raw.std(0).clamp_min(1e-6);
        Tensor evidence = ((raw - mean) / scale).to(ScalarType.Float32), worth = tensor(masks.Select(m => (float)m.Worth).ToArray());
        var choice = ClickChoice.Of(masks);
        Tensor[][] fits = [.. Enumerable.Range(1, Fits).Select(seed => Fit(evidence, worth, choice, units, steps, seed))];
        // The scaling of the evidence goes into the weights, so that the judge takes it as it is.
        using var quiet = no_grad();
        Tensor Joined(int part) => cat([.. fits.Select(f => f[part].to(ScalarType.Float64))]);
        Tensor weights = Joined(0) / scale, bias = Joined(1) - weights.matmul(mean);
        return new()
        {
            Hidden = [.. Enumerable.Range(0, units * Fits).Select(u => Rounded(weights[u]))],
            HiddenBias = Rounded(bias), Output = Rounded(Joined(2) / Fits), OutputBias = Rounded(Joined(3).mean())[0],
        };
    }

    /// <summary>Weights and biases of the hidden units, and those of the output, each one a unit.</summary>
    private static Tensor[] Fit(Tensor evidence, Tensor worth, ClickChoice? choice, int units, int steps, int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        Parameter[] all = [.. new long[][] { [units, evidence.shape[1]], [units], [units], [1] }.Select(shape => new Parameter(Weights(shape)))];
        using var adam = optim.Adam(all, Rate, weight_decay: Decay);
        for (int step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            foreach (var group in adam.ParamGroups) group.LearningRate = Rate * Math.Min(1, 2.0 * (steps - step) / steps); // falls over the second half
            Tensor logits = nn.functional.relu(evidence.matmul(all[0].t()) + all[1]).matmul(all[2]) + all[3];
            Tensor loss = nn.functional.binary_cross_entropy_with_logits(logits, worth);
            if (choice is not null) loss -= choice.Worth(logits);
            adam.zero_grad();
            loss.backward();
            adam.step();
        }
        return [.. all.Select(p => p.detach().MoveToOuterDisposeScope())];

        Tensor Weights(long[] shape) => (rand(shape, generator: generator) * 2 - 1) * Math.Pow(units, -0.5);
    }

    private static double[] Rounded(Tensor values) => [.. values.to(ScalarType.Float64).contiguous().data<double>().Select(v => Math.Round(v, Digits))];
}
