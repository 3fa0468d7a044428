using System.Globalization;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Yolo;

/// <summary>
/// A line of DOTA, "x1 y1 x2 y2 x3 y3 x4 y4 class difficulty" in pixels, as Roboflow's export for turned boxes and DOTA itself have them in folders called
/// labelTxt. The name may have blanks; the difficulty may be missing.
/// </summary>
/// <param name="Corners">Eight numbers.</param>
/// <param name="Name">The class.</param>
internal sealed record DotaLine(double[] Corners, string Name)
{
    public const string Folder = "labelTxt";

    private const int Numbers = 8, LargestShare = 2;

    /// <summary>The line; null for one of another kind.</summary>
    /// <param name="words">Its words.</param>
    /// <param name="expected">Whether it lies in a folder of such lines; elsewhere only what no other line can be is one.</param>
    public static DotaLine? Of(string[] words, bool expected)
    {
        if (words.Length <= Numbers) return null;
        // A name that is a number stands before a difficulty: without it the line might be YOLO's outline of four corners.
        bool isNumber = double.TryParse(words[Numbers], CultureInfo.InvariantCulture, out _) || YoloGaps.IsOne(words[Numbers]);
        if (isNumber && !(expected && words.Length == Numbers + 2 && IsWhole(words[Numbers]) && IsWhole(words[Numbers + 1]))) return null;
        var corners = new double[Numbers];
        for (int i = 0; i < Numbers; i++)
            if (!double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out corners[i]) || !double.IsFinite(corners[i])) return null;
        if (!expected && corners.Count(c => c > LargestShare) * 2 < Numbers) return null;
        bool hasDifficulty = words.Length > Numbers + 1 && IsWhole(words[^1]);
        return new(corners, string.Join(' ', words[Numbers..(hasDifficulty ? ^1 : ^0)]));
    }

    /// <summary>Whether it is one of the two lines that DOTA's files begin with.</summary>
    public static bool IsHead(ReadOnlySpan<char> line) =>
        line.StartsWith("imagesource:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("gsd:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the first line of a file that says something is one.</summary>
    public static bool LooksLike(string path)
    {
        try
        {
            using var text = new StreamReader(RegularFile.OpenRead(path));
            return BoundedLines.Read(text, 1 << 20).Take(20).FirstOrDefault(l => l is null || !string.IsNullOrWhiteSpace(l) && !IsHead(l)) is { } line
                && Of(YoloWords.Of(line), IsIn(path)) is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether a file lies in a folder of such lines.</summary>
    public static bool IsIn(string path) =>
        Path.GetDirectoryName(Path.GetFullPath(path))!.Split(Path.DirectorySeparatorChar).Contains(Folder, StringComparer.OrdinalIgnoreCase);

    private static bool IsWhole(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>The corners as shares of the image's sides.</summary>
    public double[] Shares(int height, int width) =>
        Corners.Max() <= LargestShare ? Corners : [.. Corners.Select((c, i) => c / (i % 2 == 0 ? width : height))];
}
