namespace SemanticSam.Imaging.Png;

/// <summary>PNG's color types, by their numbers.</summary>
internal enum PngColor
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}

/// <summary>What IHDR declares.</summary>
internal readonly record struct PngHeader(uint Width, uint Height, int Depth, PngColor Color, bool Interlaced)
{
    /// <summary>Samples a pixel.</summary>
    public int Channels => Color switch { PngColor.Rgb => 3, PngColor.GrayAlpha => 2, PngColor.Rgba => 4, _ => 1 };

    /// <summary>Whether the standard has this depth for this color type.</summary>
    public bool IsAllowed => Color switch
    {
        PngColor.Gray => Depth is 1 or 2 or 4 or 8 or 16,
        PngColor.Palette => Depth is 1 or 2 or 4 or 8,
        PngColor.Rgb or PngColor.GrayAlpha or PngColor.Rgba => Depth is 8 or 16,
        _ => false,
    };
}

/// <summary>The samples of a PNG as they are stored: not scaled, not looked up in the palette.</summary>
/// <param name="Header">What IHDR declares.</param>
/// <param name="Samples">[Height, Width, Channels].</param>
/// <param name="Palette">PLTE: three bytes an entry; empty when there is none.</param>
/// <param name="Transparency">tRNS: an alpha a palette entry, or the two-byte samples of the transparent color; empty when there is none.</param>
internal sealed record PngImage(PngHeader Header, ushort[] Samples, byte[] Palette, byte[] Transparency)
{
    public int Width => (int)Header.Width;
    public int Height => (int)Header.Height;
}
