namespace SemanticSam.Formats.Png;

/// <summary>
/// Index PNG: each pixel holds the number of the mask that it belongs to, 0 for none, in a palette PNG (16-bit gray from 256 masks
/// on); a json of the same name tells what the numbers are. Where masks overlap the smaller one is seen.
/// </summary>
internal static class IndexPng
{
    public const string FormatKey = "format", FormatName = "semsam-index-png";

    /// <summary>Colors far from each other, as PASCAL VOC's: the bits of the index spread over red, green and blue.</summary>
    public static (byte R, byte G, byte B)[] Palette { get; } = [.. Enumerable.Range(0, 256).Select(Color)];

    private static (byte, byte, byte) Color(int index)
    {
        int r = 0, g = 0, b = 0;
        for (int bit = 7; index > 0; bit--, index >>= 3)
        {
            r |= (index & 1) << bit;
            g |= (index >> 1 & 1) << bit;
            b |= (index >> 2 & 1) << bit;
        }
        return ((byte)r, (byte)g, (byte)b);
    }
}
