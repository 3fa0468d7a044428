namespace SemanticSam.Masks;

/// <summary>
/// One axis of a linear resampling: each output cell is a weighted sum of a few neighboring input cells. Only those few are kept, so
/// that an image of many megapixels needs no matrix of its size.
/// </summary>
internal sealed class ResamplingBand
{
    private const double CubicA = -0.5;

    private readonly double[][] _weights;

    private ResamplingBand(int input, int[] first, double[][] weights)
    {
        Input = input;
        First = first;
        _weights = weights;
    }

    /// <summary>Cells that go in.</summary>
    public int Input { get; }

    /// <summary>Cells that come out.</summary>
    public int Output => First.Length;

    /// <summary>For each output cell the first input cell that it takes from.</summary>
    public int[] First { get; }

    /// <summary>The weights of an output cell, beginning with input cell <see cref="First"/>; they sum to 1.</summary>
    public ReadOnlySpan<double> Weights(int output) => _weights[output];

    /// <summary>
    /// Bilinear interpolation between cell centers (align_corners false), edge cells repeated. Positions are computed in float32, as
    /// torch's interpolate computes them for float32 maps.
    /// </summary>
    public static ResamplingBand Bilinear(int input, int output)
    {
        if (input == output) return Make(input, output, o => (o, [1]));
        float scale = (float)input / output;
        return Make(input, output, o =>
        {
            float source = MathF.Max(scale * (o + 0.5f) - 0.5f, 0);
            int low = Math.Min((int)source, input - 1);
            double fraction = Math.Min(source - low, 1);
            return low == input - 1 ? (low, [1]) : (low, [1 - fraction, fraction]);
        });
    }

    /// <summary>Antialiased bicubic (a = -0.5), as Pillow's and torch's antialias do, in real numbers: the kernel widens when shrinking.</summary>
    public static ResamplingBand Bicubic(int input, int output)
    {
        double scale = (double)input / output, stretch = Math.Max(scale, 1), support = 2 * stretch;
        return Make(input, output, o =>
        {
            double center = (o + 0.5) * scale;
            int first = Math.Max((int)(center - support + 0.5), 0), end = Math.Min((int)(center + support + 0.5), input);
            var weights = new double[end - first];
            for (int i = 0; i < weights.Length; i++) weights[i] = Cubic((first + i - center + 0.5) / stretch);
            double sum = weights.Sum();
            return (first, Array.ConvertAll(weights, w => w / sum));
        });
    }

    /// <summary>The first cells of the output alone: what is padding is cut off.</summary>
    public ResamplingBand Cropped(int output) => output == Output ? this : new(Input, First[..output], _weights[..output]);

    /// <summary>This one and then another, as one step.</summary>
    public ResamplingBand Then(ResamplingBand next) => Make(Input, next.Output, o =>
    {
        var outer = next.Weights(o);
        int from = next.First[o], first = int.MaxValue, end = 0;
        for (int k = 0; k < outer.Length; k++)
            (first, end) = (Math.Min(first, First[from + k]), Math.Max(end, First[from + k] + _weights[from + k].Length));
        var weights = new double[end - first];
        for (int k = 0; k < outer.Length; k++)
        {
            var inner = _weights[from + k];
            for (int i = 0; i < inner.Length; i++) weights[First[from + k] - first + i] += outer[k] * inner[i];
        }
        return (first, weights);
    });

    /// <summary>
    /// Low-resolution logits to the image in one step: bilinear to the padded size, crop, antialiased bicubic to the output size
    /// (Semantic-SAM, OpenSeeD). All three are linear and act on each axis alone; nothing of the padded size is ever made.
    /// </summary>
    /// <param name="input">Cells of the logits.</param>
    /// <param name="padded">Padded size; equal to <paramref name="input"/> when already there.</param>
    /// <param name="cropped">Unpadded size, at most the padded one.</param>
    /// <param name="output">Wanted size.</param>
    public static ResamplingBand BicubicToImage(int input, int padded, int cropped, int output)
    {
        var up = Bilinear(input, padded).Cropped(cropped);
        return cropped == output ? up : up.Then(Bicubic(cropped, output));
    }

    /// <summary>The same with the second step bilinear too, without antialiasing (SAM's <c>postprocess_masks</c>).</summary>
    /// <inheritdoc cref="BicubicToImage" path="/param"/>
    public static ResamplingBand BilinearToImage(int input, int padded, int cropped, int output)
    {
        var up = Bilinear(input, padded).Cropped(cropped);
        return cropped == output ? up : up.Then(Bilinear(cropped, output));
    }

    /// <summary>As a dense matrix, row-major [output, input].</summary>
    public double[] ToDense()
    {
        var dense = new double[(long)Output * Input];
        for (int o = 0; o < Output; o++) _weights[o].CopyTo(dense, (long)o * Input + First[o]);
        return dense;
    }

    private static ResamplingBand Make(int input, int output, Func<int, (int First, double[] Weights)> row)
    {
        var first = new int[output];
        var weights = new double[output][];
        for (int o = 0; o < output; o++) (first[o], weights[o]) = Trimmed(row(o));
        return new(input, first, weights);
    }

    /// <summary>Without weights of zero at the ends: they would make the band wider than it is.</summary>
    private static (int First, double[] Weights) Trimmed((int First, double[] Weights) row)
    {
        int from = 0, to = row.Weights.Length;
        while (to > 1 && row.Weights[to - 1] == 0) to--;
        while (from < to - 1 && row.Weights[from] == 0) from++;
        return (row.First + from, row.Weights[from..to]);
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        if (x < 1) return ((CubicA + 2) * x - (CubicA + 3)) * x * x + 1;
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * CubicA : 0;
    }
}
