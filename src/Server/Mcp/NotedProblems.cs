using SemanticSam.Formats;

namespace SemanticSam.Server.Mcp;

/// <summary>Problems of annotations and images as an answer tells them: how many, and the first of them.</summary>
internal sealed class NotedProblems
{
    private const int Told = 20;

    private readonly ProblemGroups _groups = new();
    private readonly List<string> _first = [];

    /// <summary>Those by which something is missing.</summary>
    public int Losses => _groups.Losses;

    /// <summary>All of them.</summary>
    public int Count => _groups.Count;

    /// <summary>The first ones.</summary>
    public IReadOnlyList<string> First => _first;

    /// <summary>Takes one.</summary>
    public void Add(FormatProblem problem)
    {
        _groups.Add(problem);
        if (_first.Count < Told) _first.Add(problem.ToString());
    }
}
