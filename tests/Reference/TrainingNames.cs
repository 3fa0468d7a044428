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
}
