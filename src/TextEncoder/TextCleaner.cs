namespace SemanticSam.Text;

/// <summary>Text cleaning as in CLIP.</summary>
public static class TextCleaner
{
    /// <summary>Cleans and lower-cases.</summary>
    public static string Clean(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
}
