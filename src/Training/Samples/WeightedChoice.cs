namespace SemanticSam.Training.Samples;

/// <summary>A random index, each as likely as its weight.</summary>
internal static class WeightedChoice
{
    public static int Draw(Random random, ReadOnlySpan<double> weights)
    {
        double total = 0;
        foreach (double weight in weights) total += weight;
        double at = random.NextDouble() * total;
        for (int i = 0; i < weights.Length; i++)
        {
            at -= weights[i];
            if (at < 0) return i;
        }
        return weights.Length - 1;
    }
}
