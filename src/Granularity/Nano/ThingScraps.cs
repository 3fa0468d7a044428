namespace SemanticSam.Granularity.Nano;

/// <summary>
/// Pieces of a thing that lie apart from its largest one. A table hides the middle of a person, so a piece may well belong; one that is small
/// beside the largest, or fairly small and less surely of the name, is mostly something else: a dark collar beside the hair.
/// </summary>
internal static class ThingScraps
{
    // Measured on 170 val photos by text mIoU and mask AP of instances: without this 0.612, 0.578 and 0.376; a tenth alone 0.612, 0.578 and 0.378; a fifth
    // alone 0.611, 0.578 and 0.378. The second pair leaves the figures of a tenth as they are and drops the collar of the README's astronaut.
    private const double Small = 0.1, FairlySmall = 0.3, LessSure = 0.9;
    private const float Outside = -0.05f;

    /// <summary>Drops them from a mask.</summary>
    /// <param name="mask">[height * width]: logits, above 0 where the thing is; changed.</param>
    /// <param name="likely">Probability of the name at each cell.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    public static void Drop(float[] mask, double[] likely, int height, int width)
    {
        var pieces = new CellPieces(Array.ConvertAll(mask, v => v > 0), height, width);
        if (pieces.Count < 2) return;
        int largest = Enumerable.Range(0, pieces.Count).MaxBy(p => pieces.Cells(p).Length);
        double size = pieces.Cells(largest).Length, sureness = Sureness(largest);
        for (int p = 0; p < pieces.Count; p++)
        {
            var cells = pieces.Cells(p);
            if (p == largest || cells.Length >= FairlySmall * size || cells.Length >= Small * size && Sureness(p) >= LessSure * sureness) continue;
            foreach (int cell in cells) mask[cell] = Outside;
        }

        double Sureness(int piece)
        {
            double sum = 0;
            foreach (int cell in pieces.Cells(piece)) sum += likely[cell];
            return sum / pieces.Cells(piece).Length;
        }
    }
}
