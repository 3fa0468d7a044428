namespace SemanticSam.Training.Samples;

/// <summary>Random choices by weight.</summary>
internal static class WeightedChoice
{
    /// <summary>An index, each as likely as its weight.</summary>
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

    /// <summary>All indices, the likelier rather first: drawn one after another without putting back (Efraimidis and Spirakis, 2006).</summary>
    public static int[] Order(Random random, ReadOnlySpan<double> weights)
    {
        var keys = new double[weights.Length];
        for (int i = 0; i < keys.Length; i++) keys[i] = -Math.Log(1 - random.NextDouble()) / weights[i];
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        return order;
    }
}
