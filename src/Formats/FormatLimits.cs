namespace SemanticSam.Formats;

/// <summary>What a file may claim before anything is allocated for it.</summary>
internal static class FormatLimits
{
    /// <summary>No image that the engine reads has a longer side.</summary>
    public const int LargestSide = 65_535;

    /// <summary>Pixels of an image, 400 million: a mask is expanded to a byte a pixel when it is traced or painted, twice.</summary>
    public const long LargestArea = 400_000_000;

    /// <summary>Pixels of an index PNG, whose values take two bytes a pixel while its masks are made.</summary>
    public const long LargestIndexArea = 200_000_000;

    /// <summary>The same of one with colors, whose pixels have three or four such values.</summary>
    public const long LargestColorIndexArea = 100_000_000;

    /// <summary>A file that holds a single image's annotations.</summary>
    public const long LargestDocument = 1L << 30;

    public static int Side(long value, string key, Func<string, Exception> bad) =>
        value is >= 1 and <= LargestSide ? (int)value : throw bad($"{key} is {value}; it has to be 1 to {LargestSide}");

    public static void Area(int width, int height, Func<string, Exception> bad, long most = LargestArea)
    {
        if ((long)width * height > most) throw bad($"{width} x {height} is more than {most} pixels");
    }
}
