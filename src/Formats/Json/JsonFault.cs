using System.Text.Json;
using System.Text.RegularExpressions;

namespace SemanticSam.Formats.Json;

/// <summary>What is wrong with a text that should be JSON, in words of our own, with line and column from 1.</summary>
internal static partial class JsonFault
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
        return new(file, where, $"not valid JSON: {What(e)}", e);
    }

    /// <summary>What is wrong, without place and full stop.</summary>
    public static string What(JsonException e)
    {
        string message = e.Message;
        if (message.Contains("depth", StringComparison.Ordinal) && message.Contains("maximum", StringComparison.Ordinal)) return "it is nested too deep";
        if (message.Contains("end of", StringComparison.Ordinal) || message.Contains("does not contain any JSON", StringComparison.Ordinal)
            || message.Contains("open JSON", StringComparison.Ordinal) || message.Contains("Expected depth to be zero", StringComparison.Ordinal))
            return "it ends too early; is the file complete?";
        if (message.StartsWith("'''", StringComparison.Ordinal))
            return "it has single quotes, as Python prints a dictionary; write the file with json.dump";
        if (Quoted().Match(message) is { Success: true } found) return $"{found.Value} is not expected here";
        int cut = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (cut < 0) cut = message.IndexOf(" Path:", StringComparison.Ordinal);
        return (cut < 0 ? message : message[..cut]).TrimEnd('.', ' ');
    }

    [GeneratedRegex("^'[^']{0,40}'")]
    private static partial Regex Quoted();
}
