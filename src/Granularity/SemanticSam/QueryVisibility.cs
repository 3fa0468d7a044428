using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// A run of consecutive queries. Queries of different runs never see each other in self-attention; inside a run they do so in
/// groups of <paramref name="GroupSize"/>, or as <paramref name="Visible"/> says.
/// </summary>
/// <param name="Count">Queries of the run; a multiple of the group size.</param>
/// <param name="GroupSize">Queries of a group; equal to <paramref name="Count"/> when all of the run see each other.</param>
/// <param name="Visible">[Count, Count] bool, true where the row's query sees the column's; null for everywhere. Only with one group.</param>
internal sealed record QueryRun(long Count, long GroupSize, Tensor? Visible = null)
{
    /// <summary>All queries of the run see each other.</summary>
    public static QueryRun Joint(long count) => new(count, count);
}

/// <summary>
/// Who sees whom in self-attention, as runs of queries. Groups become part of the batch, so that many isolated prompts cost what
/// they are (n times 6x6 scores) and no mask of (6n)x(6n) is ever made.
/// </summary>
internal sealed class QueryVisibility
{
    public QueryVisibility(params IReadOnlyList<QueryRun> runs) => Runs = runs;

    public IReadOnlyList<QueryRun> Runs { get; }

    public long Count => Runs.Sum(run => run.Count);
}
