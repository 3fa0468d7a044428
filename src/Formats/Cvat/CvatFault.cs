using System.Text.RegularExpressions;
using System.Xml;
using SemanticSam.Formats.Text;

namespace SemanticSam.Formats.Cvat;

/// <summary>What is wrong with a text that should be XML, in plain words, with line and column from 1.</summary>
internal static partial class CvatFault
{
    public static AnnotationFileException Of(XmlException e, string path, string file)
    {
        string place = e.LinePosition > 0 ? $"line {e.LineNumber}, column {e.LinePosition}" : $"line {Math.Max(1, e.LineNumber)}";
        if (e.Message.Contains("DTD", StringComparison.Ordinal))
            return new(file, place, "the document has a DTD, which is refused: it could name other files or multiply without end", e);
        if (e.Message.Contains("encoding", StringComparison.OrdinalIgnoreCase) && NotUtf8(path) is { } encoding) return encoding;
        return new(file, place, $"not valid XML: {Position().Replace(e.Message, "").ReplaceLineEndings(" ").TrimEnd('.', ' ')}", e);
    }

    /// <summary>The sentence about the encoding that all readers have; null when the file is UTF-8.</summary>
    private static AnnotationFileException? NotUtf8(string path)
    {
        try
        {
            TextFile.Utf8(path, null);
            return null;
        }
        catch (AnnotationFileException e)
        {
            return e;
        }
    }

    [GeneratedRegex(@"(?: on)? ?Line \d+,? position \d+\.?", RegexOptions.IgnoreCase)]
    private static partial Regex Position();
}
