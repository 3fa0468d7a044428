using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>Fills in who is a part of whom.</summary>
internal static class ResultTree
{
    /// <summary>The results with their parents from containment; a part learns the name of its whole from the nearest one that has it.</summary>
    public static IReadOnlyList<MaskResult> WithParents(IReadOnlyList<MaskResult> results)
    {
        if (results.Count == 0) return results;
        var linked = PartTree.Build(results).WithParents(results);
        return [.. linked.Select(r => r.Part is not null && r.Whole is null ? r with { Whole = WholeAbove(linked, r) } : r)];
    }

    private static ScoredLabel? WholeAbove(IReadOnlyList<MaskResult> results, MaskResult part)
    {
        // Bounded: a tree is never deeper than it has nodes.
        int? parent = part.Parent;
        for (int step = 0; parent is { } p && step < results.Count; step++, parent = results[p].Parent)
            if (results[p].Whole is { } whole && results[p].Part is null)
                return whole;
        return null;
    }
}
