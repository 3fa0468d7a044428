using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions.Nano;

/// <summary>
/// Which of the names that fit a mask is said: the narrowest that is clear. "Cat" is said before "animal" where it fits nearly as well; where "loafer" and
/// "sandal" fit about equally, "shoe" is said, which is true of both. The shares were chosen on val photos.
/// </summary>
internal static class NameChoice
{
    /// <summary>A narrower name is taken before a wider one if it fits at least so much as well.</summary>
    private const float NarrowerShare = 0.8f;

    /// <summary>A name is not clear if another one of the same kind fits more than so much as well.</summary>
    private const float RivalShare = 0.9f;

    /// <summary>The name to say; null where none fits.</summary>
    /// <param name="fits">Names with how well they fit, in any order.</param>
    /// <param name="widerOf">The next wider names of a name.</param>
    /// <param name="allowed">Names that may be said.</param>
    public static ScoredLabel? Best(IEnumerable<ScoredLabel> fits, Func<string, IReadOnlyList<string>> widerOf, IReadOnlySet<string> allowed)
    {
        ScoredLabel[] ranked = [.. fits.OrderByDescending(f => f.Score)];
        if (ranked.Length == 0) return null;
        var best = ranked[0];
        foreach (var next in ranked.Skip(1).TakeWhile(f => f.Score >= NarrowerShare * ranked[0].Score))
            if (IsWider(best.Label, next.Label)) best = next;
        for (int step = 0; step < ranked.Length && UnclearUnder(best) is { } wide; step++)
            best = new(wide, Math.Max(best.Score, ranked.FirstOrDefault(f => f.Label == wide).Score));
        return best;

        // The wider name that is true of a name and of its rival.
        string? UnclearUnder(ScoredLabel name) => widerOf(name.Label).FirstOrDefault(wide => allowed.Contains(wide)
            && ranked.Any(f => f.Score > RivalShare * name.Score && f.Label != name.Label && widerOf(f.Label).Contains(wide) && !IsWider(name.Label, f.Label)));

        bool IsWider(string wide, string narrow) => WiderNames.Of(narrow, widerOf).Contains(wide);
    }
}
