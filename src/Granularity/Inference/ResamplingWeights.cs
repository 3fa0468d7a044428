namespace SemanticSam.Inference;

/// <summary>One axis of a resampling as a dense matrix, row-major [output, input]; rows sum to 1.</summary>
internal static class ResamplingWeights
{
    private const double CubicA = -0.5;

    /// <summary>Bilinear interpolation between cell centres (align_corners false), edge cells repeated.</summary>
    public static double[] Bilinear(int input, int output)
    {
        var weights = new double[output * input];
        double scale = (double)input / output;
        for (int o = 0; o < output; o++)
        {
            double source = Math.Max((o + 0.5) * scale - 0.5, 0);
            int low = Math.Min((int)source, input - 1), high = Math.Min(low + 1, input - 1);
            double fraction = source - low;
            weights[o * input + low] += 1 - fraction;
            weights[o * input + high] += fraction;
        }
        return weights;
    }

    /// <summary>Antialiased bicubic (a = -0.5), as Pillow's and torch's antialias do, in real numbers: the kernel widens when shrinking.</summary>
    public static double[] Bicubic(int input, int output)
    {
        var weights = new double[output * input];
        double scale = (double)input / output, stretch = Math.Max(scale, 1), support = 2 * stretch;
        for (int o = 0; o < output; o++)
        {
            double centre = (o + 0.5) * scale;
            int first = Math.Max((int)(centre - support + 0.5), 0), end = Math.Min((int)(centre + support + 0.5), input);
            double sum = 0;
            for (int i = first; i < end; i++)
                sum += weights[o * input + i] = Cubic((i - centre + 0.5) / stretch);
            for (int i = first; i < end; i++)
                weights[o * input + i] /= sum;
        }
        return weights;
    }

    /// <summary>
    /// Low-resolution logits to the picture in one step: bilinear to the padded size, crop, antialiased bicubic to the output size.
    /// All three are linear and act on each axis alone, so their product is one matrix; nothing of the padded size is ever made.
    /// </summary>
    /// <param name="input">Cells of the logits.</param>
    /// <param name="padded">Padded size; equal to <paramref name="input"/> when already there.</param>
    /// <param name="cropped">Unpadded size, at most the padded one.</param>
    /// <param name="output">Wanted size.</param>
    public static double[] ToPicture(int input, int padded, int cropped, int output)
    {
        var up = input == padded ? null : Bilinear(input, padded);
        if (cropped == output)
            return up is null ? Identity(cropped, input) : up[..(cropped * input)];
        var down = Bicubic(cropped, output);
        var product = new double[output * input];
        for (int o = 0; o < output; o++)
            for (int c = 0; c < cropped; c++)
            {
                double weight = down[o * cropped + c];
                if (weight == 0) continue;
                if (up is null)
                    product[o * input + c] += weight;
                else
                    for (int i = 0; i < input; i++)
                        product[o * input + i] += weight * up[c * input + i];
            }
        return product;
    }

    private static double[] Identity(int output, int input)
    {
        var weights = new double[output * input];
        for (int i = 0; i < output; i++) weights[i * input + i] = 1;
        return weights;
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        if (x < 1) return ((CubicA + 2) * x - (CubicA + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * CubicA : 0;
    }
}
