using SemanticSam.Imaging.Png;

namespace SemanticSam.Formats.Png;

/// <summary>Masks that say where they are by transparency alone, as a brush leaves them that paints on nothing.</summary>
internal static class PngTransparency
{
    /// <summary>
    /// The numbers of a mask whose colors say nothing, since they are one, and whose pixels are partly transparent: that color's where it may be a class,
    /// else how opaque each is. Null for any other.
    /// </summary>
    /// <param name="image">As it is stored.</param>
    /// <param name="gray">The number that each pixel has without its transparency.</param>
    public static ushort[]? Values(PngImage image, ushort[] gray)
    {
        if (image.Header.Color is not (PngColor.GrayAlpha or PngColor.Rgba) || gray.AsSpan().ContainsAnyExcept(gray[0])) return null;
        int channels = image.Header.Channels, white = (1 << image.Header.Depth) - 1;
        var alpha = new ushort[gray.Length];
        for (int i = 0; i < alpha.Length; i++) alpha[i] = image.Samples[channels * i + channels - 1];
        if (!alpha.AsSpan().Contains((ushort)0) || !alpha.AsSpan().ContainsAnyExcept((ushort)0)) return null;
        ushort number = gray[0];
        if (number > 0 && number < white)
            for (int i = 0; i < alpha.Length; i++) alpha[i] = alpha[i] > white / 2 ? number : (ushort)0;
        return alpha;
    }
}
