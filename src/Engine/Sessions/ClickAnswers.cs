using SemanticSam.Engine.Batch;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>
/// Clicks after the decoder's transformer: the predicted IoUs are known, masks are drawn only of the rows worth it. A row is a click and
/// a mask token, click by click, tokens in the order asked for.
/// </summary>
internal abstract class ClickAnswers : IDisposable
{
    /// <summary>Rows of a click.</summary>
    public abstract int RowsPerClick { get; }

    /// <summary>One a row.</summary>
    public abstract float[] PredictedIous { get; }

    /// <summary>Level of a row's mask.</summary>
    public abstract GranularityLevel LevelOf(int row);

    /// <summary>Best names of a row's mask.</summary>
    public virtual (ScoredLabel? Whole, ScoredLabel? Part) LabelsOf(int row) => (null, null);

    /// <summary>Logits at the decoder's resolution of some rows, ascending: row-major [rows, h, w], on the host.</summary>
    public abstract float[] Draw(ReadOnlySpan<int> rows);

    public abstract void Dispose();
}
