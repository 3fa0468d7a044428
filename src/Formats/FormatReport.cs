using System.Diagnostics.CodeAnalysis;

namespace SemanticSam.Formats;

/// <summary>What became of something that a file holds and that could not be taken as it is.</summary>
public enum FormatOutcome
{
    /// <summary>It is there, but not all that belongs to it.</summary>
    Kept,

    /// <summary>It was changed so that it can be used.</summary>
    Repaired,

    /// <summary>It is not there.</summary>
    LeftOut,
}

/// <summary>Something that was left out or changed, and why. Nothing is left out without one.</summary>
/// <param name="File">The file it stands in.</param>
/// <param name="Place">Line, annotation or key; may be empty.</param>
/// <param name="What">What is wrong, without a full stop.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Done">The same in words, such as "the image is left out".</param>
public sealed record FormatProblem(string File, string Place, string What, FormatOutcome Outcome, string Done)
{
    /// <summary>What the caller could give to mend it; null when nothing would.</summary>
    internal AnnotationNeed? Need { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{File}: {(Place.Length == 0 ? "" : Place + ": ")}{What}; {Done}.";
}

/// <summary>
/// The one place where readers and writers say what they could not take as it is. Somebody listens, then work goes on; nobody does,
/// then the first problem is an <see cref="AnnotationFileException"/>.
/// </summary>
internal sealed class FormatReport(Action<FormatProblem>? listener)
{
    private const string JustLeftOut = "left out";

    public void LeftOut(string file, string place, string what, string done = JustLeftOut) => Add(new(file, place, what, FormatOutcome.LeftOut, done));

    public void Repaired(string file, string place, string what, string done) => Add(new(file, place, what, FormatOutcome.Repaired, done));

    public void Kept(string file, string place, string what, string done) => Add(new(file, place, what, FormatOutcome.Kept, done));

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
        catch (AnnotationFileException e) when (listener is not null)
        {
            Add(new(e.File, e.Place, e.What, FormatOutcome.LeftOut, done) { Need = e.Need });
            value = default;
            return false;
        }
    }

    private void Add(FormatProblem problem)
    {
        if (listener is null) throw new AnnotationFileException(problem.File, problem.Place, problem.What) { Need = problem.Need };
        listener(problem);
    }
}
