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

    /// <summary>Splits the pattern into the folder before its first wildcard and the rest.</summary>
    public Glob(string pattern)
    {
        string[] segments = pattern.Replace('\\', OperatingSystem.IsWindows() ? '/' : '\\').Split('/');
        int first = Array.FindIndex(segments, s => s.IndexOfAny(Wild) >= 0);
        if (first < 0) throw new ArgumentException($"'{pattern}' has no wildcard.", nameof(pattern));
        Folder = first == 0 ? "." : string.Join('/', segments[..first]) is { Length: > 0 } folder ? folder : "/";
        string[] rest = segments[first..];
        Recursive = rest.Length > 1 || rest[0].Contains("**", StringComparison.Ordinal);
        _regex = new Regex(Expression(rest), RegexOptions.CultureInvariant | (OperatingSystem.IsWindows() ? RegexOptions.IgnoreCase : RegexOptions.None));
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
