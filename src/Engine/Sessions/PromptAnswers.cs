using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>From prompts to results: what places and names find, chosen as the options say.</summary>
internal static class PromptAnswers
{
    private static readonly ClickSelectionOptions DistinctOptions = new() { HoleArea = 0, IslandArea = 0 };

    /// <summary>What the prompts find, in their order, without parents; and for each prompt how its names were understood.</summary>
    /// <param name="encoded">The image.</param>
    /// <param name="prompts">What is asked.</param>
    /// <param name="options">What to give of it.</param>
    /// <exception cref="PromptException">A prompt cannot be answered.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static (IReadOnlyList<MaskResult> Masks, IReadOnlyList<NameReport>[] Names) Of(EncodedImage encoded, IReadOnlyList<Prompt> prompts,
        SegmentOptions options)
    {
        options.Validate();
        PromptChecks.Check(encoded, prompts, options);
        var model = encoded.Model;
        var settings = model.Settings;
        var results = new List<MaskResult>();
        // Prompts with the same names share their labels; most often that is all of them.
        foreach (var group in prompts.Select((prompt, index) => (prompt, index)).Where(p => p.prompt.HasPlace)
                     .GroupBy(p => p.prompt.Names.Count > 0 ? string.Join('\n', p.prompt.Names) : null))
        {
            var members = group.ToArray();
            var labels = members[0].prompt.Names.Count > 0 ? members[0].prompt.Names : options.Vocabulary;
            var answers = encoded.AnswerPlaces([.. members.Select(m => m.prompt)],
                new(labels, options.Masks == MaskChoice.Single && model.HasSingleMaskToken, options.KeepLogits));
            for (int i = 0; i < members.Length; i++)
            {
                var wanted = answers[i].Where(c => c.Level is not { } level || (options.Levels?.Contains(level) ?? true)).ToArray();
                Candidate[] chosen = [.. Chosen(wanted, options.Masks)];
                MaskDrawing.ForEach(chosen.Length, k => _ = chosen[k].Mask); // together: drawing large ones takes long
                foreach (var candidate in chosen)
                {
                    var result = LabelChoice.ToResult(Cleaned(candidate, options.MinRegionArea), options.LabelThreshold ?? settings.LabelThreshold);
                    results.Add(result with { Prompt = members[i].index });
                }
            }
        }
        var names = new IReadOnlyList<NameReport>[prompts.Count];
        for (int p = 0; p < prompts.Count; p++)
        {
            names[p] = [];
            if (prompts[p].HasPlace) continue;
            var found = encoded.AnswerNames(prompts[p].Names, options.PresenceThreshold);
            results.AddRange(found.SelectMany(a => a.Masks.Select(m => m with { AskedName = a.Name?.Text, Prompt = p }))
                .Where(m => options.Levels is null || m.Level is { } level && options.Levels.Contains(level)));
            names[p] = [.. found.Where(a => a.Name is not null).Select(Report)];
        }
        return ([.. results.OrderBy(r => r.Prompt)], names);

        NameReport Report(NameAnswer answer) =>
            NameReport.Of(answer.Name!, answer.Presence, options.PresenceThreshold ?? settings.LeastPresence(answer.Name!)) with
            {
                Found = answer.Masks.Count, UnsureScore = answer.Unsure,
                LeastScore = answer.Unsure is null ? null : settings.LeastScore(answer.Name!.IsStuff),
            };
    }

    private static IEnumerable<Candidate> Chosen(Candidate[] candidates, MaskChoice choice) => choice switch
    {
        MaskChoice.Single when candidates.Length > 1 => [candidates.MaxBy(c => c.PredictedIou)!],
        MaskChoice.Distinct => ClickSelection.Select([.. candidates.Select(c => c.Mask)], [.. candidates.Select(c => c.PredictedIou)], DistinctOptions)
            .Select(kept => candidates[kept.Index]),
        _ => candidates,
    };

    private static Candidate Cleaned(Candidate candidate, int minRegionArea) =>
        minRegionArea == 0 ? candidate : candidate with { Mask = MaskRegions.Clean(candidate.Mask, minRegionArea).Mask };
}
