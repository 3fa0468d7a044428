using System.Globalization;

namespace SemanticSam.Engine;

/// <summary>
/// Boxes and points in shares of the image's sides, 0 to 1, as many programs have them. In pixels they are a spot in its corner, of which a mask is empty or
/// about nothing that was meant. Only who asks knows, so somebody is told.
/// </summary>
internal static class ShareCoordinates
{
    /// <summary>What is to be said of a prompt; null where it is no such.</summary>
    /// <param name="prompt">In pixels of the whole image.</param>
    /// <param name="width">Columns of what is looked at.</param>
    /// <param name="height">Rows of what is looked at.</param>
    public static string? NoticeOf(Prompt prompt, int width, int height)
    {
        if (width < 2 || height < 2 || prompt.Mask is not null || prompt.Logits is not null || prompt.Box is null && prompt.Points.Count == 0) return null;
        if (prompt.Box is { } b && !(IsShare(b.X1) && IsShare(b.Y1) && IsShare(b.X2) && IsShare(b.Y2))) return null;
        if (!prompt.Points.All(p => IsShare(p.X) && IsShare(p.Y))) return null;
        // A click at (0, 0) or (1, 1) is one in pixels that somebody has counted.
        if (prompt.Box is null && prompt.Points.All(p => float.IsInteger(p.X) && float.IsInteger(p.Y))) return null;
        return $"{Place(prompt)} within the first pixel of the image; coordinates are pixels: "
            + "shares of the image's sides have to be multiplied by its width and height.";
    }

    private static bool IsShare(float coordinate) => coordinate is >= 0 and <= 1;

    private static string Place(Prompt prompt) => prompt switch
    {
        { Box: { } b } => string.Create(CultureInfo.InvariantCulture, $"all of the box ({b.X1}, {b.Y1}, {b.X2}, {b.Y2}) lies"),
        { Points: [var p] } => string.Create(CultureInfo.InvariantCulture, $"the point ({p.X}, {p.Y}) lies"),
        _ => "all points lie",
    };
}
