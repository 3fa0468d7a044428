namespace SemanticSam.Training.Evaluation.Coco;

/// <summary>
/// A sum in the order in which numpy adds a row of numbers (halves, down to blocks that eight partial sums go through), which loses less
/// than adding one by one, and gives the same last digit.
/// </summary>
internal static class PairwiseSum
{
    private const int Block = 128, Lanes = 8;

    public static double Of(ReadOnlySpan<double> values)
    {
        if (values.Length < Lanes)
        {
            double sum = 0;
            foreach (double value in values) sum += value;
            return sum;
        }
        if (values.Length > Block)
        {
            int half = values.Length / 2;
            half -= half % Lanes;
            return Of(values[..half]) + Of(values[half..]);
        }
        Span<double> lanes = stackalloc double[Lanes];
        values[..Lanes].CopyTo(lanes);
        int at = Lanes;
        for (; at + Lanes <= values.Length; at += Lanes)
            for (int i = 0; i < Lanes; i++) lanes[i] += values[at + i];
        double total = lanes[0] + lanes[1] + (lanes[2] + lanes[3]) + (lanes[4] + lanes[5] + (lanes[6] + lanes[7]));
        for (; at < values.Length; at++) total += values[at];
        return total;
    }
}
