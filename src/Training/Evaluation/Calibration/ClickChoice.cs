using static TorchSharp.torch;

namespace SemanticSam.Training.Evaluation.Calibration;

/// <summary>What a choice among the masks of each click is worth, as something that can be learned: by a softmax instead of by the highest score.</summary>
internal sealed class ClickChoice
{
    /// <summary>Logits times this go into the softmax; more is nearer to a choice of the highest, and harder to learn from.</summary>
    private const double Sharpness = 2;

    private readonly Tensor _rows, _worth, _missing; // [clicks, most masks of a click]

    private ClickChoice(Tensor rows, Tensor worth, Tensor missing) => (_rows, _worth, _missing) = (rows, worth, missing);

    /// <summary>The masks by their clicks; null where no click has several. The tensors are the current dispose scope's.</summary>
    /// <param name="masks">All that are judged.</param>
    public static ClickChoice? Of(IReadOnlyList<JudgedMask> masks)
    {
        int[][] clicks = [.. Enumerable.Range(0, masks.Count).Where(i => masks[i].Click is not null).GroupBy(i => masks[i].Click).Select(g => g.ToArray())];
        int most = clicks.Select(c => c.Length).DefaultIfEmpty().Max();
        if (most < 2) return null;
        var rows = new long[clicks.Length * most];
        var worth = new float[rows.Length];
        var missing = new bool[rows.Length];
        for (int click = 0; click < clicks.Length; click++)
            for (int i = 0; i < most; i++)
            {
                int at = click * most + i;
                missing[at] = i >= clicks[click].Length;
                if (missing[at]) continue;
                (rows[at], worth[at]) = (clicks[click][i], (float)masks[clicks[click][i]].Worth);
            }
        return new(tensor(rows, clicks.Length, most), tensor(worth, clicks.Length, most), tensor(missing, clicks.Length, most));
    }

    /// <summary>Gives the tensors to the outer dispose scope.</summary>
    public ClickChoice Move()
    {
        foreach (var own in new[] { _rows, _worth, _missing }) own.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>The mean worth of what is chosen.</summary>
    /// <param name="logits">[masks].</param>
    public Tensor Worth(Tensor logits)
    {
        Tensor competing = (logits.index_select(0, _rows.flatten()).reshape(_rows.shape) * Sharpness).masked_fill(_missing, float.NegativeInfinity);
        return (competing.softmax(1) * _worth).sum(1).mean();
    }
}
