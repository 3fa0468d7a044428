using System.CommandLine;
using System.Text;
using SemanticSam.Foundation;
using SemanticSam.Formats;

namespace SemanticSam.Cli.Output;

/// <summary>
/// Says what readers and writers of annotations report: of each kind the first few as they come, and at the end how many more there are. When not
/// all were said, all of them stand in a file.
/// </summary>
/// <param name="error">Standard error.</param>
/// <param name="file">Where all of them go when there are too many to be said; null for nowhere.</param>
/// <param name="command">The verb, whose switches are named; null for those of <c>convert</c>.</param>
internal sealed class ProblemLines(TextWriter error, string? file = null, Command? command = null) : IDisposable
{
    private readonly ProblemGroups _groups = new();
    private readonly List<string> _said = [];
    private AtomicFile? _all;
    private int _finished;

    /// <summary>How many there are, by what became of them.</summary>
    public ProblemGroups Groups => _groups;

    /// <summary>Takes one.</summary>
    public void Add(FormatProblem problem)
    {
        string line = $"{problem.ToString().ReplaceLineEndings(" ")} {Hints.For(problem.Need, command)}".TrimEnd();
        if (_groups.Add(problem)) error.WriteLine($"semsam: {line}");
        if (file is null) return;
        if (_all is null && !_groups.IsCut)
        {
            _said.Add(line);
            return;
        }
        if (_all is null)
        {
            _all = OutputException.Guard(() => new AtomicFile(file));
            foreach (string before in _said) Write(before);
            _said.Clear();
        }
        Write(line);
    }

    /// <summary>Says the rest; once more, where there came more after the first time.</summary>
    public void Finish()
    {
        if (_finished == _groups.Count) return;
        _finished = _groups.Count;
        foreach (string line in _groups.Rest()) error.WriteLine($"semsam: {line}");
        if (_all is null) return;
        OutputException.Guard(() => _all.Commit(Durability.Cached));
        error.WriteLine($"semsam: all {_groups.Count:N0} of them are in {file}");
    }

    /// <summary>"2 left out, 1 repaired, 3 assumed"; empty when there is nothing.</summary>
    public string Summary()
    {
        int left = _groups[FormatOutcome.LeftOut], kept = _groups[FormatOutcome.Kept], repaired = _groups[FormatOutcome.Repaired],
            noted = _groups[FormatOutcome.Noted];
        return string.Join(", ", new[] { (left, "left out"), (kept, "kept in part"), (repaired, "repaired"), (noted, "assumed") }
            .Where(p => p.Item1 > 0).Select(p => FormattableString.Invariant($"{p.Item1:N0} {p.Item2}")));
    }

    /// <summary>
    /// What the program returns where all else went well: 1 where something that was read, or was to be written, is missing in what was done, as of a batch
    /// with images that failed.
    /// </summary>
    public int ExitCode => _groups.Losses == 0 ? ExitCodes.Ok : ExitCodes.Failed;

    public void Dispose() => _all?.Dispose();

    private void Write(string line) => OutputException.Guard(() => _all!.Put(Encoding.UTF8.GetBytes(line + "\n")));
}
