namespace SemanticSam.TextEncoder.Names;

/// <summary>How category names of data sets become words, as in Semantic-SAM and OpenSeeD.</summary>
public static class CategoryNames
{
    private static readonly string[] Marks = ["-other", "-merged", "-stuff"];

    /// <summary>For evaluation: without COCO's marks <c>-other</c>, <c>-merged</c>, <c>-stuff</c>, wherever they stand; other hyphens stay ("floor-wood").</summary>
    public static string ForEvaluation(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (string mark in Marks) name = name.Replace(mark, "", StringComparison.Ordinal);
        return name;
    }

    /// <summary>For training: as for evaluation, and "a-b" becomes "b a" ("floor-wood" is "wood floor"); names with more hyphens keep them.</summary>
    public static string ForTraining(string name)
    {
        name = ForEvaluation(name);
        string[] parts = name.Split('-');
        return parts.Length == 2 ? $"{parts[1]} {parts[0]}" : name;
    }

    /// <summary>The synonyms of a detection data set's name, which a slash separates ("pen/pencil"); training takes one at random.</summary>
    public static IReadOnlyList<string> Synonyms(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>A training sentence: one template, the name without commas and with spaces for plus signs.</summary>
    public static string TrainingSentence(string template, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return PromptTemplates.Fill(template, name.Replace(",", "", StringComparison.Ordinal).Replace('+', ' '));
    }
}
