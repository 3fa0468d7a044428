using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>Answers prompts by a decoder that knows one click or one box at a time (<see cref="PlaceQueries"/>).</summary>
/// <param name="decode">The masks of queries that go through the decoder together: one list a query, one mask a level, from the largest level to the
/// smallest.</param>
/// <param name="rule">How the model tells its levels apart.</param>
internal sealed class MixedPrompts(Func<IReadOnlyList<PlaceQuery>, IReadOnlyList<IReadOnlyList<Candidate>>> decode, LevelRule rule)
{
    /// <summary>Queries that go through the decoder in one call; more are cut into such batches.</summary>
    private const int QueriesPerCall = 64;

    /// <summary>A mask that the model thinks nothing of still counts this much by its agreement.</summary>
    private const double LeastPredictedIou = 0.01;

    /// <summary>One list a prompt, one mask a level.</summary>
    public IReadOnlyList<IReadOnlyList<Candidate>> Answer(IReadOnlyList<Prompt> prompts)
    {
        var queries = prompts.Select(PlaceQueries.Of).ToArray();
        var masks = new List<IReadOnlyList<Candidate>>();
        foreach (var together in queries.SelectMany(q => q).Chunk(QueriesPerCall)) masks.AddRange(decode(together));

        var answers = new List<IReadOnlyList<Candidate>>(prompts.Count);
        int next = 0;
        for (int p = 0; p < prompts.Count; p++)
        {
            var own = masks.GetRange(next, queries[p].Count);
            next += queries[p].Count;
            answers.Add(PlaceQueries.IsPlain(prompts[p]) ? own[0] : Mix(prompts[p], own));
        }
        return answers;
    }

    /// <summary>
    /// One mask a level: of the queries' masks of that level the one that agrees best with everything said; what a negative point stands for is
    /// then cut out.
    /// </summary>
    private List<Candidate> Mix(Prompt prompt, IReadOnlyList<IReadOnlyList<Candidate>> masks)
    {
        PointPrompt[] positives = [.. prompt.Points.Where(p => p.Positive)], negatives = [.. prompt.Points.Where(p => !p.Positive)];
        var unwanted = new List<IReadOnlyList<Candidate>>(negatives.Length);
        foreach (var together in negatives.Select(p => new PlaceQuery(p.X, p.Y, null)).Chunk(QueriesPerCall)) unwanted.AddRange(decode(together));
        var order = new PointOrder(prompt.Points);
        var answer = new List<Candidate>();
        foreach (var level in GranularityMap.All)
        {
            var ofLevel = masks.SelectMany(m => m).Where(c => c.Level == level);
            if (ofLevel.MaxBy(c => PlaceQueries.Agreement(c.Mask, prompt, order) * Math.Max(c.PredictedIou, LeastPredictedIou)) is not { } best) continue;
            var mask = best.Mask;
            for (int n = 0; n < negatives.Length; n++) mask = PlaceQueries.CutOut(mask, positives, negatives[n], unwanted[n]);
            answer.Add(best with { Mask = mask });
        }
        if (rule != LevelRule.Area) return answer;
        // Masks of several queries, some of them cut: the order of their areas is to be made anew.
        var levels = answer.Select(c => c.Level).ToArray();
        return [.. answer.OrderByDescending(c => c.Mask.Area).Select((c, rank) => c with { Level = levels[rank] })];
    }
}
