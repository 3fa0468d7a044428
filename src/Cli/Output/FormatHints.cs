using SemanticSam.Formats;

namespace SemanticSam.Cli.Output;

/// <summary>Which switch gives what an annotation file cannot be read or written without.</summary>
internal static class FormatHints
{
    /// <summary>" (--images names the folder)"; empty when no switch would help.</summary>
    public static string Of(AnnotationNeed? need) => need switch
    {
        AnnotationNeed.Format => " (--from says which)",
        AnnotationNeed.Names => " (--names FILE gives them)",
        AnnotationNeed.Images => " (--images names the folder)",
        _ => "",
    };
}
