using System.Text.RegularExpressions;

namespace SemanticSam.Formats;

/// <summary>
/// Problems of one kind together: the same words about other values. A set with thousands of them says the first few and how many there
/// are.
/// </summary>
internal sealed partial class ProblemGroups
{
    /// <summary>So many of each kind are shown.</summary>
    public const int Examples = 5;

    /// <summary>So many kinds get examples; of further ones only the first and the number are shown.</summary>
    public const int FullKinds = 3;

    /// <summary>Kinds beyond are counted together.</summary>
    public const int MostKinds = 8;

    private readonly Dictionary<string, Group> _groups = [];
    private int _beyond;

    /// <summary>All of them.</summary>
    public int Count { get; private set; }

    /// <summary>Those by which something is missing.</summary>
    public int Losses { get; private set; }

    /// <summary>How many of an outcome.</summary>
    public int this[FormatOutcome outcome] => _outcomes[(int)outcome];

    /// <summary>Whether not all were shown.</summary>
    public bool IsCut => _beyond > 0 || _groups.Values.Any(g => g.Hidden > 0);

    private readonly int[] _outcomes = new int[4];

    /// <summary>Counts one.</summary>
    /// <returns>Whether it is to be shown.</returns>
    public bool Add(FormatProblem problem)
    {
        Count++;
        _outcomes[(int)problem.Outcome]++;
        if (problem.IsLoss) Losses++;
        string kind = KindOf(problem);
        if (!_groups.TryGetValue(kind, out var group))
        {
            if (_groups.Count == MostKinds)
            {
                _beyond++;
                return false;
            }
            _groups[kind] = group = new(kind, _groups.Count < FullKinds ? Examples : 1);
        }
        return group.Add();
    }

    /// <summary>A line for each kind of which not all were shown.</summary>
    public IEnumerable<string> Rest()
    {
        foreach (var group in _groups.Values)
            if (group.Hidden > 0) yield return FormattableString.Invariant($"... and {group.Hidden:N0} more: {group.Kind}");
        if (_beyond > 0) yield return FormattableString.Invariant($"... and {_beyond:N0} problems of other kinds");
    }

    /// <summary>What is wrong and what was done, without the values.</summary>
    public static string KindOf(FormatProblem problem)
    {
        string what = problem.What.Length > 400 ? problem.What[..400] : problem.What;
        return $"{Values().Replace(what, "…")}; {Values().Replace(problem.Done, "…")}.";
    }

    /// <summary>Quoted texts, lists of numbers, numbers, and file names with an extension.</summary>
    [GeneratedRegex(
        """(?<!\w)'[^']*'(?!\w)|"[^"]*"|\[[-0-9., eE+]*\]|[\w./\\-]+\.(?:jpe?g|png|webp|bmp|gif|tiff?|txt|json|xml)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?""",
        RegexOptions.None, 1000)]
    private static partial Regex Values();

    private sealed class Group(string kind, int shown)
    {
        private int _count;

        public string Kind { get; } = kind;

        public int Hidden => Math.Max(0, _count - shown);

        public bool Add() => ++_count <= shown;
    }
}
