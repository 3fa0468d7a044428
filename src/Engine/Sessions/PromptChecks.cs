using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>Whether a model can answer what is asked of it; throws <see cref="PromptException"/> where it cannot.</summary>
internal static class PromptChecks
{
    public static void Check(Segmenter segmenter, IReadOnlyList<Prompt> prompts, SegmentOptions options, int width, int height)
    {
        foreach (var prompt in prompts)
        {
            prompt.Validate(width, height);
            if (prompt.Names.Count > 0 && segmenter.NamesRefusal is { } why)
                throw new PromptException(why);
            if (prompt.Logits is not { } logits) continue;
            if (segmenter.LogitsSize is not { } size)
                throw new PromptException($"The model '{segmenter.Name}' takes no mask logits: its decoder has no mask input. Refine by points, a box or a mask; SAM and MobileSAM take logits.");
            if ((logits.Height, logits.Width) != (size.Height, size.Width))
                throw new PromptException($"The mask logits are {logits.Height} x {logits.Width}; the model '{segmenter.Name}' takes {size.Height} x {size.Width}.");
        }
        if (options.KeepLogits && segmenter.LogitsSize is null)
            throw new PromptException($"The model '{segmenter.Name}' takes no mask logits back, so there are none to keep: its decoder has no mask input. SAM and MobileSAM have one.");
        CheckLevels(segmenter, options.Levels);
        if (options is { Masks: MaskChoice.Single, Levels: not null } && segmenter.HasSingleMaskToken)
            throw new PromptException($"The single mask of the model '{segmenter.Name}' has no level: leave out the levels, or ask for every level.");
    }

    /// <summary>Refuses levels that the model does not have, and says which it has.</summary>
    public static void CheckLevels(Segmenter segmenter, IReadOnlyList<GranularityLevel>? levels)
    {
        foreach (var level in levels ?? [])
            if (!segmenter.Levels.Contains(level))
                throw new PromptException($"The model '{segmenter.Name}' has no level '{GranularityMap.Name(level)}'; it has {string.Join(", ", segmenter.Levels.Select(GranularityMap.Name))}.");
    }
}
