namespace SemanticSam.Imaging.Resizing;

/// <summary>For each output index of one axis: the first input, how many, and their weights in units of 2^-22.</summary>
internal sealed class ResizeWeights
{
    /// <summary>Eight bits are the pixel's, two are headroom for weights beyond [0, 1].</summary>
    public const int PrecisionBits = 32 - 8 - 2;

    private ResizeWeights(int outputs, int stride)
    {
        Starts = new int[outputs];
        Counts = new int[outputs];
        Stride = stride;
        Values = new int[outputs * stride];
    }

    public int Outputs => Starts.Length;
    public int[] Starts { get; }
    public int[] Counts { get; }

    /// <summary>Weights of output o begin at o * Stride; what follows the last is 0. Even, so that weights can be read in pairs.</summary>
    public int Stride { get; }

    public int[] Values { get; }

    public static ResizeWeights Create(int inputs, int outputs, ResizeFilter filter)
    {
        double scale = (double)inputs / outputs, spread = Math.Max(scale, 1);
        double reach = Support(filter) * spread, inverse = 1 / spread;
        int most = (int)Math.Ceiling(reach) * 2 + 1;
        var weights = new ResizeWeights(outputs, most + (most & 1));
        var exact = new double[most];
        for (int o = 0; o < outputs; o++)
        {
            double center = (o + 0.5) * scale, total = 0;
            int start = Math.Max((int)(center - reach + 0.5), 0), end = Math.Min((int)(center + reach + 0.5), inputs);
            for (int i = start; i < end; i++) total += exact[i - start] = Value(filter, (i - center + 0.5) * inverse);
            for (int i = 0; i < end - start; i++)
            {
                double normalized = total != 0 ? exact[i] / total : exact[i];
                weights.Values[o * weights.Stride + i] = (int)(normalized * (1 << PrecisionBits) + (normalized < 0 ? -0.5 : 0.5));
            }
            weights.Starts[o] = start;
            weights.Counts[o] = end - start;
        }
        return weights;
    }

    private static double Support(ResizeFilter filter) => filter switch
    {
        ResizeFilter.Bilinear => 1,
        _ => 2,
    };

    private static double Value(ResizeFilter filter, double x)
    {
        x = Math.Abs(x);
        if (filter == ResizeFilter.Bilinear) return x < 1 ? 1 - x : 0;
        const double a = -0.5;
        if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
}
