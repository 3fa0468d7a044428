using SemanticSam.Cli.Requests;
using SemanticSam.Engine;
using SemanticSam.Masks;

namespace SemanticSam.Cli.Running;

/// <summary>What a line asks of an encoded image, answered: the same way for one image, a prompts file and a batch.</summary>
internal static class Answer
{
    /// <param name="session">The encoded image.</param>
    /// <param name="line">What is asked.</param>
    /// <param name="ask">How places are answered; null for their masks.</param>
    /// <param name="progress">Told the share done by everything mode, 0 to 1; may be null.</param>
    /// <param name="cancellation">Stops everything mode.</param>
    public static async Task<IReadOnlyList<MaskResult>> Of(ImageSession session, PromptLine line, PlaceQuestion? ask, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (line.Everything is { } everything)
            return await session.CollectEverything(everything with { Levels = line.Levels }, progress, cancellation).ConfigureAwait(false);
        var prompt = line.ToPrompt(session.Width, session.Height);
        return ask is null ? session.Segment(prompt, new SegmentOptions { Levels = line.Levels }) : ask(session, prompt);
    }
}
