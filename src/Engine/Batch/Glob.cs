using System.Text;
using System.Text.RegularExpressions;

namespace SemanticSam.Engine.Batch;

/// <summary>
/// A pattern of paths: * and ? within a name, [abc] or [!abc] for one character, ** for any number of folders. Case counts but on Windows.
/// </summary>
internal sealed class Glob
{
    private static readonly char[] Wild = ['*', '?', '['];
    private readonly Regex _regex;

    /// <summary>Characters of a pattern.</summary>
    private const int Longest = 1000;

    /// <summary>Splits the pattern into the folder before its first wildcard and the rest.</summary>
    /// <exception cref="BatchException">It is too long, or no pattern.</exception>
    public Glob(string pattern)
    {
        if (pattern.Length > Longest) throw new BatchException(BatchError.Input, $"a pattern of {pattern.Length} characters; at most {Longest} are allowed.");
        string[] segments = pattern.Replace('\\', OperatingSystem.IsWindows() ? '/' : '\\').Split('/');
        int first = Array.FindIndex(segments, s => s.IndexOfAny(Wild) >= 0);
        if (first < 0) throw new ArgumentException($"'{pattern}' has no wildcard.", nameof(pattern));
        Folder = first == 0 ? "." : string.Join('/', segments[..first]) is { Length: > 0 } folder ? folder : "/";
        string[] rest = segments[first..];
        Recursive = rest.Length > 1 || rest[0].Contains("**", StringComparison.Ordinal);
        try
        {
            // Without backtracking: "**/**/**/..." takes time by the length of a path and not by the ways to divide it.
            _regex = new Regex(Expression(rest),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (OperatingSystem.IsWindows() ? RegexOptions.IgnoreCase : RegexOptions.None));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new BatchException(BatchError.Input, $"'{pattern}' is not a pattern that can be matched: {e.Message}", e);
        }
    }

    /// <summary>Folder that is searched.</summary>
    public string Folder { get; }

    /// <summary>Whether folders below it can match.</summary>
    public bool Recursive { get; }

    public static bool IsPattern(string text) => text.IndexOfAny(Wild) >= 0;

    /// <summary>Whether a path relative to <see cref="Folder"/>, with "/", matches.</summary>
    public bool Matches(string relative) => _regex.IsMatch(relative);

    private static string Expression(string[] segments)
    {
        var text = new StringBuilder("^");
        for (int i = 0; i < segments.Length; i++)
        {
            bool last = i == segments.Length - 1;
            if (segments[i] == "**")
            {
                if (!last && segments[i + 1] == "**") continue; // any number of folders, twice
                text.Append(last ? ".*" : "(?:[^/]+/)*");
                continue;
            }
            Append(text, segments[i]);
            if (!last) text.Append('/');
        }
        return text.Append("\\z").ToString();
    }

    private static void Append(StringBuilder text, string segment)
    {
        for (int i = 0; i < segment.Length; i++)
        {
            int end = segment[i] == '[' ? segment.IndexOf(']', Math.Min(i + 2, segment.Length)) : -1;
            if (end > 0)
            {
                string inner = segment[(i + 1)..end];
                bool not = inner[0] is '!' or '^';
                text.Append(not ? "[^/" : "[").Append((not ? inner[1..] : inner).Replace("\\", "\\\\").Replace("[", "\\[").Replace("^", "\\^")).Append(']');
                i = end;
            }
            else text.Append(segment[i] switch
            {
                '*' => "[^/]*",
                '?' => "[^/]",
                _ => Regex.Escape(segment[i].ToString()),
            });
        }
    }
}
