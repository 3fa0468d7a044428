using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Masks;
using SemanticSam.TextEncoder.Names;

namespace SemanticSam.Cli.Running;

/// <summary>What a line asks of an encoded image, answered: the same way for one image, a prompts file and a batch.</summary>
internal static class Answer
{
    /// <summary>So many names are asked at once; more are asked in groups, of the same encoded image.</summary>
    private static readonly int MostNames = new ConceptParserOptions().MaxConcepts;

    /// <param name="session">The encoded image.</param>
    /// <param name="line">What is asked.</param>
    /// <param name="ask">How places are answered; null for their masks.</param>
    /// <param name="progress">Told the share done by everything mode, 0 to 1; may be null.</param>
    /// <param name="cancellation">Stops everything mode.</param>
    /// <param name="notice">Told, in a sentence, of what was not taken as it was asked; may be null.</param>
    public static async Task<SegmentAnswer> Of(ImageSession session, PromptLine line, PlaceQuestion? ask, IProgress<double>? progress,
        CancellationToken cancellation,
        Action<string>? notice = null)
    {
        if (line.Everything is { } everything)
        {
            if (session.NoticeOf(everything) is { } said) notice?.Invoke(said);
            return new()
            {
                Masks = await session.CollectEverything(everything with { Levels = line.Levels }, progress, cancellation).ConfigureAwait(false), Names = [],
            };
        }
        var prompts = line.ToPrompts(session.Width, session.Height, notice);
        var options = new SegmentOptions { Levels = line.Levels, PresenceThreshold = line.PresenceThreshold };
        if (ask is not null) return Explained(Together(prompts.Select(p => ask(session, p)).ToList()));
        if (prompts is not [{ HasPlace: false, Names.Count: > 0 } named]) return Explained(session.Segment(prompts, options));
        var names = named.Names.SelectMany(ConceptParser.Split).Select(n => n.Trim()).Where(n => n.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (names.Count <= MostNames) return session.Answer(prompts, options);
        var groups = names.Chunk(MostNames).Select(g => Prompt.Named(g)).ToList();
        notice?.Invoke($"{names.Count} names are asked in {groups.Count} groups, since {MostNames} is the most at once.");
        var answer = session.Answer(groups, options);
        return new() { Masks = [.. answer.Masks.Select(r => r with { Prompt = 0 })], Names = answer.Names };

        // Names beside a place are its labels; how they were understood is said all the same.
        SegmentAnswer Explained(IReadOnlyList<MaskResult> masks) =>
            new() { Masks = masks, Names = line.Text.Count > 0 && session.AnswersNames ? session.ExplainNames(line.Text, line.PresenceThreshold) : [] };
    }

    /// <summary>The results of several questions as one list; parents are places in it.</summary>
    private static IReadOnlyList<MaskResult> Together(List<IReadOnlyList<MaskResult>> answers)
    {
        if (answers.Count == 1) return answers[0];
        var all = new List<MaskResult>();
        for (int i = 0; i < answers.Count; i++)
        {
            int first = all.Count;
            all.AddRange(answers[i].Select(r => r with { Prompt = i, Parent = r.Parent + first }));
        }
        return all;
    }
}
