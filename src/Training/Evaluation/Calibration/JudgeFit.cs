using SemanticSam.Engine.Sessions;
using SemanticSam.Masks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>Fits a <see cref="MaskJudge"/>: cross-entropy against the worth, all masks at once, Adam. The same masks give the same judge.</summary>
internal static class JudgeFit
{
    /// <summary>Fewer masks say nothing.</summary>
    public const int LeastMasks = 500;

    // A mask by itself is known by 14 numbers, one among the others of its click by 117, which is more to weigh.
    private const int UnitsAlone = 16, UnitsAmong = 32;

    private const int Steps = 1000, Seed = 1, Digits = 5;
    private const double Rate = 0.02, Decay = 1e-4;

    /// <summary>The judge; null where there are too few masks.</summary>
    public static MaskJudge? Fit(IReadOnlyList<JudgedMask> masks)
    {
        if (masks.Count < LeastMasks) return null;
        int width = masks[0].Numbers.Length, units = width > MaskEvidence.Count ? UnitsAmong : UnitsAlone;
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seed);
        double[] numbers = new double[masks.Count * width];
        for (int i = 0; i < masks.Count; i++) masks[i].Numbers.CopyTo(numbers, i * width);
        Tensor raw = tensor(numbers, masks.Count, width), mean = raw.mean([0]), scale = raw.std(0).clamp_min(1e-6);
        Tensor evidence = ((raw - mean) / scale).to(ScalarType.Float32), worth = tensor(masks.Select(m => (float)m.Worth).ToArray());
        Tensor hidden = Weights(units, width), hiddenBias = Weights(1, units), output = Weights(units, 1),
            outputBias = Weights(1, 1);
        var all = new[] { hidden, hiddenBias, output, outputBias }.Select(w => new Parameter(w)).ToArray();
        using var adam = optim.Adam(all, Rate, weight_decay: Decay);
        for (int step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();
            foreach (var group in adam.ParamGroups) group.LearningRate = Rate * Math.Min(1, 2.0 * (Steps - step) / Steps); // falls over the second half
            Tensor logits = nn.functional.relu(evidence.matmul(all[0].t()) + all[1]).matmul(all[2]) + all[3];
            adam.zero_grad();
            nn.functional.binary_cross_entropy_with_logits(logits.squeeze(-1), worth).backward();
            adam.step();
        }
        // The scaling of the evidence goes into the weights, so that the judge takes it as it is.
        using var quiet = no_grad();
        Tensor weights = all[0].to(ScalarType.Float64) / scale, bias = all[1].to(ScalarType.Float64).squeeze(0) - weights.matmul(mean);
        return new()
        {
            Hidden = [.. Enumerable.Range(0, units).Select(u => Rounded(weights[u]))],
            HiddenBias = Rounded(bias), Output = Rounded(all[2].flatten()), OutputBias = Rounded(all[3].flatten())[0],
        };

        Tensor Weights(long rows, long columns) => (rand(rows, columns, generator: generator) * 2 - 1) * Math.Pow(units, -0.5);
    }

    private static double[] Rounded(Tensor values) => [.. values.to(ScalarType.Float64).contiguous().data<double>().Select(v => Math.Round(v, Digits))];
}
