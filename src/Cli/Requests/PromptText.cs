using System.Globalization;
using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Requests;

/// <summary>Prompts as they are written on the command line.</summary>
internal static class PromptText
{
    /// <summary>"x,y".</summary>
    public static PointPrompt Point(string text, bool positive)
    {
        float[] numbers = Numbers(text, 2, "a point is x,y in pixels");
        return new(numbers[0], numbers[1], positive);
    }

    /// <summary>"x1,y1,x2,y2".</summary>
    public static BoxF Box(string text)
    {
        float[] n = Numbers(text, 4, "a box is x1,y1,x2,y2 in pixels");
        return new(n[0], n[1], n[2], n[3]);
    }

    /// <summary>A level by name or by index, 1 to 6.</summary>
    public static GranularityLevel Level(string text)
    {
        try
        {
            return GranularityMap.Parse(text);
        }
        catch (FormatException e)
        {
            throw new PromptException(e.Message);
        }
    }

    private static float[] Numbers(string text, int count, string shape)
    {
        string[] pieces = text.Split(',');
        var numbers = new float[pieces.Length];
        for (int i = 0; i < pieces.Length; i++)
            if (!float.TryParse(pieces[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !float.IsFinite(numbers[i]))
                throw new PromptException($"'{text}': {shape}; '{pieces[i]}' is not a finite number.");
        return pieces.Length == count ? numbers : throw new PromptException($"'{text}': {shape}.");
    }
}
