namespace SemanticSam.Masks;

/// <summary>A <see cref="ResamplingBand"/> laid out for speed: the same number of weights for every output cell, in float32, tap by tap.</summary>
internal sealed class UpsamplingAxis
{
    public UpsamplingAxis(ResamplingBand band)
    {
        Input = band.Input;
        Output = band.Output;
        for (int o = 0; o < Output; o++) Taps = Math.Max(Taps, band.Weights(o).Length);
        First = new int[Output];
        Weights = new float[Taps * Output];
        for (int o = 0; o < Output; o++)
        {
            // Every tap must stay inside; what moves in front of the first weight weighs nothing.
            First[o] = Math.Min(band.First[o], Input - Taps);
            var weights = band.Weights(o);
            double negative = 0;
            for (int k = 0; k < weights.Length; k++)
            {
                Weights[(band.First[o] - First[o] + k) * Output + o] = (float)weights[k];
                negative -= Math.Min(weights[k], 0);
            }
            Negative = Math.Max(Negative, negative);
        }
        (From, To) = Reach();
    }

    /// <summary>Input cells.</summary>
    public int Input { get; }

    /// <summary>Output cells.</summary>
    public int Output { get; }

    /// <summary>Weights of an output cell.</summary>
    public int Taps { get; }

    /// <summary>First input cell of each output cell.</summary>
    public int[] First { get; }

    /// <summary>[Taps, Output].</summary>
    public float[] Weights { get; }

    /// <summary>The largest sum of negative weights of an output cell, as a positive number.</summary>
    public double Negative { get; }

    /// <summary>For each input cell the first output cell that takes from it.</summary>
    public int[] From { get; }

    /// <summary>For each input cell one past the last output cell that takes from it.</summary>
    public int[] To { get; }

    private (int[] From, int[] To) Reach()
    {
        int[] from = new int[Input], to = new int[Input];
        Array.Fill(from, Output);
        for (int o = 0; o < Output; o++)
            for (int cell = First[o]; cell < First[o] + Taps; cell++)
                (from[cell], to[cell]) = (Math.Min(from[cell], o), Math.Max(to[cell], o + 1));
        // Cells that nothing takes from (padding) get the neighbor's reach, so that a run of cells reaches from its first's to its last's.
        for (int cell = Input - 2; cell >= 0; cell--) from[cell] = Math.Min(from[cell], from[cell + 1]);
        for (int cell = 1; cell < Input; cell++) to[cell] = Math.Max(to[cell], to[cell - 1]);
        return (from, to);
    }
}
