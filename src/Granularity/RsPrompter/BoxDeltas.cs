using SemanticSam.Masks;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>How a box differs from another: shift of the center over the sides, logarithm of the sides' ratio (R-CNN, arXiv 1311.2524).</summary>
/// <param name="DeviationOfCenter">What shifts are divided by.</param>
/// <param name="DeviationOfSize">What logarithms are divided by.</param>
internal readonly record struct BoxDeltas(float DeviationOfCenter, float DeviationOfSize)
{
    private static readonly float MostLogarithm = (float)Math.Abs(Math.Log(16.0 / 1000));

    /// <summary>Of anchors.</summary>
    public static BoxDeltas OfAnchors { get; } = new(1, 1);

    /// <summary>Of regions.</summary>
    public static BoxDeltas OfRegions { get; } = new(0.1f, 0.2f);

    /// <summary>What leads from a box to another.</summary>
    public (float X, float Y, float Width, float Height) Encode(BoxF from, BoxF to)
    {
        float px = (from.X1 + from.X2) * 0.5f, py = (from.Y1 + from.Y2) * 0.5f, gx = (to.X1 + to.X2) * 0.5f, gy = (to.Y1 + to.Y2) * 0.5f;
        return ((gx - px) / from.Width / DeviationOfCenter, (gy - py) / from.Height / DeviationOfCenter,
            MathF.Log(to.Width / from.Width) / DeviationOfSize, MathF.Log(to.Height / from.Height) / DeviationOfSize);
    }

    /// <summary>Where four numbers lead from a box.</summary>
    /// <param name="from">The box.</param>
    /// <param name="deltas">Four.</param>
    /// <param name="limit">Width and height that the box is clipped to; null for none.</param>
    public BoxF Decode(BoxF from, ReadOnlySpan<float> deltas, (float Width, float Height)? limit = null)
    {
        float px = (from.X1 + from.X2) * 0.5f, py = (from.Y1 + from.Y2) * 0.5f;
        float x = px + from.Width * (deltas[0] * DeviationOfCenter), y = py + from.Height * (deltas[1] * DeviationOfCenter);
        float width = from.Width * MathF.Exp(Math.Clamp(deltas[2] * DeviationOfSize, -MostLogarithm, MostLogarithm));
        float height = from.Height * MathF.Exp(Math.Clamp(deltas[3] * DeviationOfSize, -MostLogarithm, MostLogarithm));
        var box = new BoxF(x - width * 0.5f, y - height * 0.5f, x + width * 0.5f, y + height * 0.5f);
        return limit is not { } most ? box
            : new(Math.Clamp(box.X1, 0, most.Width), Math.Clamp(box.Y1, 0, most.Height), Math.Clamp(box.X2, 0, most.Width), Math.Clamp(box.Y2, 0, most.Height));
    }
}
