using System.Text.Json;
using System.Text.RegularExpressions;

namespace SemanticSam.Foundation;

/// <summary>
/// What is wrong with JSON, in words of our own: the parser's speak of types of .NET, and count lines from 0. Lines and columns count from 1 here.
/// </summary>
internal static partial class JsonMessage
{
    /// <summary>What is wrong with a file: the entry, or line and column; without a full stop.</summary>
    /// <param name="e">What the parser says, or what was thrown in its way; that keeps its words.</param>
    public static string Of(JsonException e)
    {
        string message = e.Message;
        if (message.Contains("could not be mapped", StringComparison.Ordinal)) return $"the entry '{First(message)}' is not known";
        if (message.Contains("missing required properties", StringComparison.Ordinal))
        {
            string[] missing = [.. Names().Matches(message[message.LastIndexOf("including:", StringComparison.Ordinal)..]).Select(m => m.Groups[1].Value)];
            return missing is [var one] ? $"the entry '{one}' is missing" : $"the entries {string.Join(", ", missing.Select(m => $"'{m}'"))} are missing";
        }
        if (message.Contains("uplicate", StringComparison.Ordinal) && message.Contains("ropert", StringComparison.Ordinal))
            return $"the entry '{First(message)}' stands twice";
        if (message.Contains("null", StringComparison.Ordinal) && message.Contains("allow", StringComparison.Ordinal)) return $"{Entry(e)} is null";
        if (message.Contains("could not be converted", StringComparison.Ordinal) || message.Contains("in a supported", StringComparison.Ordinal))
            return $"{Entry(e)} is of another kind, or larger, than is allowed there";
        return e.LineNumber is { } line
            ? FormattableString.Invariant($"line {line + 1}, column {e.BytePositionInLine.GetValueOrDefault() + 1}: {What(e)}") : message.TrimEnd('.');
    }

    /// <summary>What is wrong with a text that should be JSON, without place and full stop.</summary>
    public static string What(JsonException e)
    {
        string message = e.Message;
        if (message.Contains("depth", StringComparison.Ordinal) && message.Contains("maximum", StringComparison.Ordinal)) return "it is nested too deep";
        if (message.Contains("after a single JSON value", StringComparison.Ordinal))
            return $"{(Quoted().Match(message) is { Success: true } behind ? behind.Value : "something")} stands behind its end";
        if (message.Contains("end of", StringComparison.Ordinal) || message.Contains("does not contain any JSON", StringComparison.Ordinal)
            || message.Contains("open JSON", StringComparison.Ordinal) || message.Contains("Expected depth to be zero", StringComparison.Ordinal))
            return "it ends too early, as if it were cut off";
        if (message.StartsWith("'''", StringComparison.Ordinal))
            return "it has single quotes, as Python prints a dictionary; write the file with json.dump";
        if (message.Contains("trailing comma", StringComparison.Ordinal)) return "a comma stands before a closing bracket";
        if (message.Contains("within a JSON string", StringComparison.Ordinal)) return "a text has a line break or another control character in it";
        if (Quoted().Match(message) is { Success: true } found) return $"{found.Value} is not expected here";
        int cut = new[] { " LineNumber:", " Path:" }.Select(w => message.IndexOf(w, StringComparison.Ordinal)).Where(i => i >= 0)
            .DefaultIfEmpty(message.Length).Min();
        return message[..cut].TrimEnd('.', ' ', '|');
    }

    /// <summary>"the entry 'a.b[0]'", or "it" for the document.</summary>
    private static string Entry(JsonException e) => e.Path is { Length: > 1 } path ? $"the entry '{path[1..].TrimStart('.')}'" : "it";

    private static string First(string message) => Names().Match(message) is { Success: true } name ? name.Groups[1].Value : "";

    [GeneratedRegex("^'[^']{0,40}'")]
    private static partial Regex Quoted();

    [GeneratedRegex("'([^']{0,100})'")]
    private static partial Regex Names();
}
