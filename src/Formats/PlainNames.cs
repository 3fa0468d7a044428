namespace SemanticSam.Formats;

/// <summary>Formats with a single name get "wheel of car" for a part; without our own fields beside it, a name is read as a whole's.</summary>
internal static class PlainNames
{
    /// <summary>COCO wants a category for everything, other formats a label; this one says that there is no name.</summary>
    public const string Unnamed = "unnamed";

    public static string Of(Annotation annotation) => annotation.FullName ?? Unnamed;

    public static string Of(AnnotationCategory category) =>
        category is { Role: AnnotationRole.Part, Supercategory: { } whole } ? $"{category.Name} of {whole}" : category.Name;

    public static AnnotationName? Read(string label) => label is Unnamed or "" ? null : new(label);

    /// <summary>
    /// The names that stand beside the label, unless somebody has changed the label since: then that.
    /// </summary>
    public static Annotation Reconcile(Annotation withFields, string label) =>
        Of(withFields) == label ? withFields : withFields with { Whole = Read(label), Part = null, Supercategory = null };
}
