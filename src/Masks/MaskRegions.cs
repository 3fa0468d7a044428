namespace SemanticSam.Masks;

/// <summary>Which small regions to correct.</summary>
internal enum RegionKind
{
    /// <summary>Background regions become foreground; the outer background counts as a region too.</summary>
    Holes,

    /// <summary>Foreground regions become background; if all are small, the largest stays.</summary>
    Islands,
}

/// <summary>Connected regions of a mask, found on its run lengths; pixels touch by a side or a corner (8-connectivity).</summary>
internal static class MaskRegions
{
    /// <summary>
    /// SAM's <c>remove_small_regions</c>: regions of fewer than <paramref name="areaThreshold"/> pixels are filled (holes) or
    /// removed (islands). Between equally large islands the one that OpenCV meets first is kept: the first in raster order of blocks
    /// of 2 x 2 pixels.
    /// </summary>
    /// <returns>The corrected mask, and whether there was a small region. If not, the mask is the one given.</returns>
    public static (Rle Mask, bool Changed) RemoveSmall(Rle mask, double areaThreshold, RegionKind kind)
    {
        ArgumentNullException.ThrowIfNull(mask);
        var regions = new RegionLabels(kind == RegionKind.Holes ? mask.Complement() : mask);
        bool IsSmall(int region) => regions.Areas[region] < areaThreshold;
        if (!Enumerable.Range(0, regions.Count).Any(IsSmall)) return (mask, false);
        if (kind == RegionKind.Holes) return (mask.Union(regions.Select(IsSmall)), true);
        int largest = Enumerable.Range(0, regions.Count).MaxBy(r => regions.Areas[r]); // the first on ties
        bool allSmall = IsSmall(largest);
        return (regions.Select(r => allSmall ? r == largest : !IsSmall(r)), true);
    }

    /// <summary>Fills holes, then removes islands, of fewer than <paramref name="areaThreshold"/> pixels.</summary>
    /// <returns>The corrected mask, and whether either step found something.</returns>
    public static (Rle Mask, bool Changed) Clean(Rle mask, double areaThreshold)
    {
        var (filled, hadHoles) = RemoveSmall(mask, areaThreshold, RegionKind.Holes);
        var (clean, hadIslands) = RemoveSmall(filled, areaThreshold, RegionKind.Islands);
        return (clean, hadHoles || hadIslands);
    }

    /// <summary>The connected regions of the foreground, each as a mask of the same size, in raster order of 2 x 2 blocks.</summary>
    public static IReadOnlyList<Rle> Components(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return new RegionLabels(mask).Split();
    }
}
