using SemanticSam.Training.Losses;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Training.Losses;

public sealed class FocalLossTests
{
    [Fact]
    public void Of_Logits_IsTheFormula()
    {
        using var scope = NewDisposeScope();
        float[] logits = [-3, -0.5f, 0, 0.7f, 4], targets = [1, 0, 1, 0, 1];
        float[] actual = FocalLoss.Of(tensor(logits), tensor(targets)).data<float>().ToArray();
        for (int i = 0; i < logits.Length; i++)
        {
            double p = 1 / (1 + Math.Exp(-logits[i])), right = targets[i] == 1 ? p : 1 - p, alpha = targets[i] == 1 ? 0.25 : 0.75;
            Assert.Equal(-alpha * (1 - right) * (1 - right) * Math.Log(right), actual[i], 5);
        }
    }

    [Fact]
    public void Pairwise_Masks_EqualsPaired()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var logits = randn(3, 50);
        var targets = (randn(2, 50) > 0).to(ScalarType.Float32);
        var (entropies, dices) = PointMaskLoss.Pairwise(logits, targets);
        for (int q = 0; q < 3; q++)
            for (int t = 0; t < 2; t++)
            {
                var (entropy, dice) = PointMaskLoss.Paired(logits.narrow(0, q, 1), targets.narrow(0, t, 1));
                Assert.Equal(entropy.item<float>(), entropies[q, t].item<float>(), 4);
                Assert.Equal(dice.item<float>(), dices[q, t].item<float>(), 4);
            }
    }
}
