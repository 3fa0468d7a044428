namespace SemanticSam.Formats;

/// <summary>What a file may claim before anything is allocated for it.</summary>
internal static class FormatLimits
{
    /// <summary>No image that the engine reads has a longer side.</summary>
    public const int LargestSide = 65_535;

    /// <summary>A mask is expanded to one byte a pixel when it is traced or painted.</summary>
    public const long LargestArea = 1L << 29;

    /// <summary>A file that holds a single image's annotations.</summary>
    public const long LargestDocument = 1L << 30;

    public static int Side(long value, string key, Func<string, Exception> bad) =>
        value is >= 1 and <= LargestSide ? (int)value : throw bad($"{key} is {value}; it has to be 1 to {LargestSide}");

    public static void Area(int width, int height, Func<string, Exception> bad)
    {
        if ((long)width * height > LargestArea) throw bad($"{width} x {height} is more than {LargestArea} pixels");
    }
}
