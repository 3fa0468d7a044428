using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Tests.Reference;

/// <summary>How Semantic-SAM and OpenSeeD turn category names of data sets into the words they train with.</summary>
internal static class TrainingNames
{
    /// <summary>Without COCO's marks, and "a-b" becomes "b a" ("floor-wood" is "wood floor"); names with more hyphens keep them.</summary>
    public static string Of(string name)
    {
        name = Vocabulary.WithoutMarks(name);
        string[] parts = name.Split('-');
        return parts.Length == 2 ? $"{parts[1]} {parts[0]}" : name;
    }

    /// <summary>The synonyms of a detection data set's name, which a slash separates ("pen/pencil"); training takes one at random.</summary>
    public static IReadOnlyList<string> Synonyms(string name) => name.Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A training sentence: one template, the name without commas and with spaces for plus signs.</summary>
    public static string Sentence(string template, string name) =>
        PromptTemplates.Fill(template, name.Replace(",", "", StringComparison.Ordinal).Replace('+', ' '));
}
