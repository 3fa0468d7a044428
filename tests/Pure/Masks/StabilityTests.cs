using System.Globalization;
using SemanticSam.Masks;
using SemanticSam.Tests.Pure.Support;

namespace SemanticSam.Tests.Pure.Masks;

public sealed class StabilityTests
{
    [SkippableFact]
    public void Score_EveryThreshold_EqualsReferenceBits()
    {
        var logits = AmgPieces.Tensors["stability.logits"];
        int n = (int)logits.Shape[0], size = (int)(logits.Shape[1] * logits.Shape[2]);
        var cases = AmgPieces.Tensors.Tensors.Where(t => t.Key.StartsWith("stability.t", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(cases);
        foreach (var (name, expected) in cases)
        {
            string[] parts = name["stability.t".Length..].Split("_o");
            double threshold = double.Parse(parts[0], CultureInfo.InvariantCulture), offset = double.Parse(parts[1], CultureInfo.InvariantCulture);
            for (int i = 0; i < n; i++)
                Assert.Equal(expected.Floats[i], Stability.Score(logits.Floats.AsSpan(i * size, size), threshold, offset));
        }
    }
}
