using System.Runtime.CompilerServices;
using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>Everything mode as a caller enumerates it: each step computed on a thread of its own when it is asked for.</summary>
internal static class EverythingStream
{
    /// <summary>How long the thread waits for the next step to be asked for.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    /// <summary>The steps.</summary>
    /// <param name="run">Computes them, one after the other.</param>
    /// <param name="stillOpen">Throws where the session may not be asked any more: the caller may have disposed it between two steps.</param>
    /// <param name="outer">Stops it.</param>
    /// <param name="inner">That of the enumeration; stops it, too.</param>
    public static async IAsyncEnumerable<EverythingStep> Of(Func<CancellationToken, IEnumerable<EverythingStep>> run, Action stillOpen, CancellationToken outer,
        [EnumeratorCancellation] CancellationToken inner = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        using var step = run(either.Token).GetEnumerator();
        var thread = new OwnThread("semsam everything", Idle);
        while (await thread.Run(Next).ConfigureAwait(false))
        {
            yield return step.Current;
            either.Token.ThrowIfCancellationRequested();
        }

        bool Next()
        {
            stillOpen();
            return step.MoveNext();
        }
    }

    /// <summary>The masks of the steps as they are decided; <paramref name="progress"/> is told the share of clicks done.</summary>
    public static async IAsyncEnumerable<MaskResult> Decided(IAsyncEnumerable<EverythingStep> steps, IProgress<double>? progress,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var step in steps.WithCancellation(cancellation).ConfigureAwait(false))
        {
            progress?.Report(step.Share);
            foreach (var mask in step.Decided) yield return mask;
        }
    }
}
