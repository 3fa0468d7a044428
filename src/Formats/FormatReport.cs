using System.Diagnostics.CodeAnalysis;

namespace SemanticSam.Formats;

/// <summary>What became of something that a file holds and that could not be taken as it is.</summary>
internal enum FormatOutcome
{
    /// <summary>It is there, but not all that belongs to it.</summary>
    Kept,

    /// <summary>It was changed so that it can be used.</summary>
    Repaired,

    /// <summary>It is not there.</summary>
    LeftOut,

    /// <summary>It is there as it is, but the file does not say something, which was assumed. Never an error.</summary>
    Noted,
}

/// <summary>Something that was left out, changed or assumed, and why. Nothing is left out without one.</summary>
public sealed record FormatProblem
{
    internal FormatProblem(string file, string place, string what, FormatOutcome outcome, string done) =>
        (File, Place, What, Outcome, Done) = (file, place, what, outcome, done);

    /// <summary>The file it stands in.</summary>
    public string File { get; }

    /// <summary>Line, annotation or key; may be empty.</summary>
    public string Place { get; }

    /// <summary>What is wrong, without a full stop.</summary>
    public string What { get; }

    /// <summary>What became of it, in words, such as "the image is left out".</summary>
    public string Done { get; }

    internal FormatOutcome Outcome { get; }

    /// <summary>Whether something of the file is missing in what was read or written.</summary>
    public bool IsLoss => Outcome is FormatOutcome.LeftOut or FormatOutcome.Kept;

    /// <summary>What the caller could give to mend it; null when nothing would.</summary>
    internal AnnotationNeed? Need { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{File}: {(Place.Length == 0 ? "" : Place + ": ")}{What}; {Done}.";
}

/// <summary>
/// The one place where readers and writers say what they could not take as it is, and the one policy: somebody listens, then what is good is
/// used, repaired where it can be, and work goes on; nobody does, or the caller is strict, then the first problem is an
/// <see cref="AnnotationFileException"/>. What was merely assumed is never an error.
/// </summary>
internal sealed class FormatReport(Action<FormatProblem>? listener, bool strict = false)
{
    internal const string JustLeftOut = "left out";

    private readonly HashSet<(string, string)> _once = [];

    /// <summary>Whether the first problem ends the work.</summary>
    public bool Refuses => strict || listener is null;

    public void LeftOut(string file, string place, string what, string done = JustLeftOut, AnnotationNeed? need = null) =>
        Add(new(file, place, what, FormatOutcome.LeftOut, done) { Need = need });

    public void Repaired(string file, string place, string what, string done) => Add(new(file, place, what, FormatOutcome.Repaired, done));

    public void Kept(string file, string place, string what, string done) => Add(new(file, place, what, FormatOutcome.Kept, done));

    public void Noted(string file, string place, string what, string done) => Add(new(file, place, what, FormatOutcome.Noted, done));

    /// <summary>Says it the first time that a file gives occasion to it.</summary>
    public void NotedOnce(string file, string what, string done)
    {
        if (_once.Add((file, what))) Noted(file, "", what, done);
    }

    /// <summary>Does it, or reports why not and gives null.</summary>
    public T? Try<T>(Func<T> read, string done = JustLeftOut) where T : class => TryRead(read, out var value, done) ? value : null;

    /// <summary>Does it, or reports why not.</summary>
    public bool TryRead<T>(Func<T> read, [MaybeNullWhen(false)] out T value, string done = JustLeftOut)
    {
        try
        {
            value = read();
            return true;
        }
        catch (AnnotationFileException e) when (!Refuses)
        {
            Add(new(e.File, e.Place, e.What, FormatOutcome.LeftOut, done) { Need = e.Need });
            value = default;
            return false;
        }
    }

    /// <summary>Says what another report was told.</summary>
    public void Tell(FormatProblem problem) => Add(problem);

    private void Add(FormatProblem problem)
    {
        if (Refuses && problem.Outcome != FormatOutcome.Noted)
            throw new AnnotationFileException(problem.File, problem.Place, problem.What) { Need = problem.Need };
        listener?.Invoke(problem);
    }
}
