namespace SemanticSam.Masks;

/// <summary>
/// A plane of bytes for a reader that fills the pixels of one mask at a time, used again for the next: of an image of hundreds of megapixels it is hundreds of
/// megabytes, and what is left behind by one mask is not collected before the next takes as much again. Small ones are made anew.
/// </summary>
internal static class Planes
{
    private const int Large = 1 << 20;

    [ThreadStatic]
    private static WeakReference<byte[]>? _kept;

    /// <summary>A plane, all zero; valid until the next on this thread.</summary>
    public static Span<byte> Cleared(int length)
    {
        if (length < Large) return new byte[length];
        // Held weakly: where memory is short, or the work is over, it goes.
        if (_kept is { } kept && kept.TryGetTarget(out byte[]? plane) && plane.Length >= length)
        {
            plane.AsSpan(0, length).Clear();
            return plane.AsSpan(0, length);
        }
        plane = new byte[length];
        _kept = new(plane);
        return plane;
    }
}
