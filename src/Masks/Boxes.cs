namespace SemanticSam.Masks;

/// <summary>A rectangle in pixels, corners (X1, Y1) and (X2, Y2). Whether the maxima are inclusive is the producer's convention.</summary>
/// <param name="X1">Left.</param>
/// <param name="Y1">Top.</param>
/// <param name="X2">Right.</param>
/// <param name="Y2">Bottom.</param>
public readonly record struct BoxF(float X1, float Y1, float X2, float Y2)
{
    /// <summary>X2 - X1.</summary>
    public float Width => X2 - X1;

    /// <summary>Y2 - Y1.</summary>
    public float Height => Y2 - Y1;

    /// <summary>Width x Height in float32, negative if a side is.</summary>
    public float Area => (X2 - X1) * (Y2 - Y1);

    /// <summary>
    /// Intersection over union in float32 exactly as torchvision's CPU NMS computes it:
    /// <c>inter / (a + b - inter)</c>; two boxes of zero area give NaN.
    /// </summary>
    public static float IoU(BoxF a, BoxF b)
    {
        float left = MathF.Max(a.X1, b.X1), top = MathF.Max(a.Y1, b.Y1), right = MathF.Min(a.X2, b.X2), bottom = MathF.Min(a.Y2, b.Y2);
        float inter = MathF.Max(0, right - left) * MathF.Max(0, bottom - top);
        return inter / (a.Area + b.Area - inter);
    }
}

/// <summary>A rectangle of whole pixels: columns Left to Right - 1, rows Top to Bottom - 1.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">One past the last column.</param>
/// <param name="Bottom">One past the last row.</param>
public readonly record struct BoxI(int Left, int Top, int Right, int Bottom)
{
    /// <summary>Columns.</summary>
    public int Width => Right - Left;

    /// <summary>Rows.</summary>
    public int Height => Bottom - Top;

    /// <summary>True when it holds no pixel.</summary>
    public bool IsEmpty => Right <= Left || Bottom <= Top;

    /// <summary>The pixels in both; all zero if there is none.</summary>
    public BoxI Intersect(BoxI other)
    {
        var box = new BoxI(Math.Max(Left, other.Left), Math.Max(Top, other.Top), Math.Min(Right, other.Right), Math.Min(Bottom, other.Bottom));
        return box.IsEmpty ? default : box;
    }

    /// <summary>True when the two share a pixel.</summary>
    public bool Overlaps(BoxI other) => Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;
}
