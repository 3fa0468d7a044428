namespace SemanticSam.Masks;

/// <summary>
/// Planes of bytes for work on one mask at a time, used again for the next: of an image of hundreds of megapixels each is hundreds of megabytes, and what is
/// left behind by one mask is not collected before the next takes as much again. Small ones are made anew.
/// </summary>
internal static class Planes
{
    /// <summary>What a plane is for; each use has its own.</summary>
    internal enum Use
    {
        /// <summary>Pixels with a rim.</summary>
        Pixels,

        /// <summary>Sides of an outline.</summary>
        Sides,

        /// <summary>Pixels that a reader fills.</summary>
        Reading,
    }

    private const int Large = 1 << 20;

    [ThreadStatic]
    private static WeakReference<byte[]>?[]? _kept;

    /// <summary>A plane, all zero; valid until the next of the same use on this thread.</summary>
    public static Span<byte> Cleared(Use use, int length)
    {
        if (length < Large) return new byte[length];
        _kept ??= new WeakReference<byte[]>?[3];
        // Held weakly: where memory is short, or the work is over, it goes.
        if (_kept[(int)use] is { } kept && kept.TryGetTarget(out byte[]? plane) && plane.Length >= length)
        {
            plane.AsSpan(0, length).Clear();
            return plane.AsSpan(0, length);
        }
        plane = new byte[length];
        _kept[(int)use] = new(plane);
        return plane;
    }
}
