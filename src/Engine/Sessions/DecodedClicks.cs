using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>Clicks on one encoded image, all asked alike. Holds what is the same for all of them, such as embedded names.</summary>
internal abstract class ClickDecoder : IDisposable
{
    /// <summary>What a click takes of memory.</summary>
    public abstract ClickMemory Memory { get; }

    /// <summary>Sends clicks through the decoder together; nothing is drawn yet.</summary>
    /// <param name="points">Pixels of the image.</param>
    public abstract DecodedClicks Decode(IReadOnlyList<(double X, double Y)> points);

    public virtual void Dispose()
    {
    }
}

/// <summary>Bytes a click takes, roughly: what decides how many go through the decoder together.</summary>
/// <param name="Attend">At most while the decoder's transformer works on it.</param>
/// <param name="Kept">Between the transformer and the drawing of its masks.</param>
/// <param name="Draw">At most while its masks are drawn.</param>
internal readonly record struct ClickMemory(long Attend, long Kept, long Draw);

/// <summary>
/// Clicks after the decoder's transformer: the predicted IoUs are known, masks are drawn only of the rows worth it. A row is a click and
/// a mask token, click by click, tokens in the order asked for.
/// </summary>
internal abstract class DecodedClicks : IDisposable
{
    /// <summary>Rows of a click.</summary>
    public abstract int RowsPerClick { get; }

    /// <summary>One a row.</summary>
    public abstract float[] PredictedIous { get; }

    /// <summary>Whether a row is worth drawing.</summary>
    public virtual bool IsPromising(int row, MaskFilter filter) => filter.IsPromising(PredictedIous[row]);

    /// <summary>A row's mask with what is known of it once it is drawn; null if that rules it out.</summary>
    /// <param name="row">Has been drawn.</param>
    /// <param name="mask">As it passed the filter.</param>
    /// <param name="filter">What masks must satisfy.</param>
    public virtual MaskResult? Judge(int row, MaskResult mask, MaskFilter filter) => mask;

    /// <summary>Level of a row's mask.</summary>
    public abstract GranularityLevel LevelOf(int row);

    /// <summary>Best names of a row's mask; asked only of rows that have been drawn.</summary>
    public virtual (ScoredLabel? Whole, ScoredLabel? Part) LabelsOf(int row) => (null, null);

    /// <summary>Logits at the decoder's resolution of some rows, ascending: row-major [rows, h, w], on the host.</summary>
    public abstract float[] Draw(ReadOnlySpan<int> rows);

    public abstract void Dispose();
}
