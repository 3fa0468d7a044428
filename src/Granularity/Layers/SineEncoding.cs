using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>Sines and cosines of positions (Attention is all you need, arXiv 1706.03762), in the two-dimensional forms of DETR.</summary>
internal static class SineEncoding
{
    private const double Temperature = 10000, Epsilon = 1e-6;

    /// <summary>The angle divisors of <paramref name="features"/> features: temperature^(2 floor(k/2) / features).</summary>
    public static double Divisor(long k, long features) => Math.Pow(Temperature, 2.0 * (k / 2) / features);

    /// <summary>
    /// Encoding of positions 1..count over the count, times 2 pi: sine in even features, cosine in odd ones. Computed on the host
    /// in double: it is count * features numbers, and each map size needs them once.
    /// </summary>
    public static float[] Axis(long count, long features)
    {
        var values = new float[count * features];
        for (long i = 0; i < count; i++)
        {
            double angle = (i + 1) / (count + Epsilon) * 2 * Math.PI;
            for (long k = 0; k < features; k++)
            {
                double a = angle / Divisor(k, features);
                values[i * features + k] = (float)(k % 2 == 0 ? Math.Sin(a) : Math.Cos(a));
            }
        }
        return values;
    }

    /// <summary>The factors of a coordinate, 0..1, whose sines and cosines encode it: features / 2 of them.</summary>
    public static float[] Rates(long features)
    {
        var rates = new float[features / 2];
        for (long k = 0; k < rates.Length; k++) rates[k] = (float)(2 * Math.PI / Divisor(2 * k, features));
        return rates;
    }

    /// <summary>Encoding of boxes: each coordinate times 2 pi in width / 2 features, in the order cy, cx, w, h.</summary>
    /// <param name="boxes">[..., 4] as (cx, cy, w, h), or [..., 2] as (cx, cy); relative, 0..1.</param>
    /// <param name="width">The model's width, even; a coordinate gets width / 2 features.</param>
    /// <returns>[..., 2 * width] for boxes, [..., width] for centers.</returns>
    public static Tensor Boxes(Tensor boxes, long width)
    {
        using var scope = NewDisposeScope();
        float[] rates = Rates(width / 2);
        var angles = boxes.unsqueeze(-1) * tensor(rates, [rates.Length], boxes.dtype, boxes.device); // [..., 4, features / 2]
        var encoded = stack([angles.sin(), angles.cos()], -1).flatten(-2); // [..., 4, features]: sine and cosine alternate
        // The encoding starts with y although the box starts with x.
        var y = encoded.narrow(-2, 1, 1);
        var x = encoded.narrow(-2, 0, 1);
        var ordered = boxes.shape[^1] == 2 ? cat([y, x], -2) : cat([y, x, encoded.narrow(-2, 2, 2)], -2);
        return ordered.flatten(-2).MoveToOuterDisposeScope();
    }
}
