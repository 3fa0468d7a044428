using System.Text;

namespace SemanticSam.Tests.Support;

/// <summary>Deterministic weights: every tensor is a formula of its own name and shape (golden/detweights.py), bit for bit.</summary>
internal static class DetWeights
{
    public static ulong Fnv1a64(string name)
    {
        ulong h = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
            h = (h ^ b) * 0x100000001B3;
        return h;
    }

    /// <summary>Values in [-1, 1).</summary>
    public static float[] Unit(string name, long count)
    {
        var values = new float[count];
        ulong h = Fnv1a64(name);
        for (long i = 0; i < count; i++)
        {
            ulong x = h + (ulong)(i + 1) * 0x9E3779B97F4A7C15;
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            x ^= x >> 31;
            float u = (float)(x >> 40) * (1f / 16777216f);
            values[i] = u * 2f - 1f;
        }
        return values;
    }

    /// <summary>The row-major float32 values of the tensor of this name and shape.</summary>
    public static float[] Values(string name, params long[] shape)
    {
        long count = 1;
        foreach (long s in shape) count *= s;
        var (scale, offset) = ScaleOffset(name, shape);
        var values = Unit(name, count);
        for (int i = 0; i < values.Length; i++)
        {
            float scaled = values[i] * scale; // two roundings: multiply, then add, no fused multiply-add
            values[i] = scaled + offset;
        }
        return values;
    }

    private static (float Scale, float Offset) ScaleOffset(string name, long[] shape)
    {
        if (name.StartsWith("input:", StringComparison.Ordinal)) return (1f, 0f);
        if (name.EndsWith("gaussian_matrix", StringComparison.Ordinal)) return ((float)Math.Sqrt(3.0), 0f);
        if (shape.Length == 0) return (0.1f, 1f);
        if (shape.Length == 1)
        {
            bool norm = name.EndsWith("weight", StringComparison.Ordinal) || name.EndsWith("gamma", StringComparison.Ordinal)
                || name.EndsWith("running_var", StringComparison.Ordinal);
            return norm ? (0.1f, 1f) : (0.05f, 0f);
        }
        double fanIn = 1;
        for (int i = 1; i < shape.Length; i++) fanIn *= shape[i];
        return ((float)Math.Sqrt(3.0 / fanIn), 0f);
    }
}
