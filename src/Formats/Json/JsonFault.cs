using System.Text.Json;
using SemanticSam.Foundation;

namespace SemanticSam.Formats.Json;

/// <summary>What is wrong with a text that should be JSON, in words of our own, with line and column from 1.</summary>
internal static class JsonFault
{
    /// <summary>Who complains of texts that are none, such as half of a surrogate pair.</summary>
    public static bool IsParser(Exception e) => e.Source?.StartsWith("System.Text.Json", StringComparison.Ordinal) == true;

    public const string NoText = "a key or a value is not valid text";

    /// <summary>The exception for a file.</summary>
    /// <param name="e">What the parser says.</param>
    /// <param name="file">The file.</param>
    /// <param name="place">What was read last; empty for the file as a whole.</param>
    /// <param name="whole">Whether lines of the parser are those of the file, and not of a piece of it.</param>
    public static AnnotationFileException Of(JsonException e, string file, string place, bool whole = true)
    {
        string position = whole && e.LineNumber is { } line
            ? FormattableString.Invariant($"line {line + 1}, column {e.BytePositionInLine.GetValueOrDefault() + 1}") : "";
        string where = place.Length == 0 ? position : position.Length == 0 ? place : $"{position}, {place}";
        return new(file, where, $"not valid JSON: {JsonMessage.What(e)}", e);
    }
}
