using SemanticSam.Masks;

namespace SemanticSam.Engine.Sessions;

/// <summary>Whether a model can answer what is asked of it; throws <see cref="PromptException"/> where it cannot.</summary>
internal static class PromptChecks
{
    public static void Check(EncodedImage image, IReadOnlyList<Prompt> prompts, SegmentOptions options)
    {
        var model = image.Model;
        foreach (var prompt in prompts)
        {
            ArgumentNullException.ThrowIfNull(prompt);
            prompt.Validate(image.Width, image.Height);
            if (prompt.Names.Count > 0 && !model.AnswersNames) throw NoNames(model);
            if (prompt.Logits is not { } logits) continue;
            if (image.LogitsSize is not { } size)
                throw new PromptException(PromptError.LogitsNotSupported,
                    $"The model '{model.Name}' takes no mask logits: its decoder has no mask input. Refine by points, a box or a mask; SAM and MobileSAM " +
                        $"take logits.");
            if ((logits.Height, logits.Width) != (size.Height, size.Width))
                throw new PromptException(PromptError.Malformed,
                    $"The mask logits are {logits.Height} x {logits.Width}; the model '{model.Name}' takes {size.Height} x {size.Width} for this image.");
        }
        if (options.KeepLogits && image.LogitsSize is null)
            throw new PromptException(PromptError.LogitsNotSupported,
                $"The model '{model.Name}' takes no mask logits back, so there are none to keep: its decoder has no mask input. SAM and MobileSAM have one.");
        CheckLevels(model, options.Levels);
        if (options is { Masks: MaskChoice.Single, Levels: not null } && model.HasSingleMaskToken)
            throw new PromptException(PromptError.Contradictory,
                $"The single mask of the model '{model.Name}' has no level: leave out the levels, or ask for every level.");
    }

    /// <summary>Refuses levels that the model does not have, and says which it has.</summary>
    public static void CheckLevels(Segmenter model, IReadOnlyList<GranularityLevel>? levels)
    {
        foreach (var level in levels ?? [])
            if (!model.Levels.Contains(level))
                throw new PromptException(PromptError.LevelNotSupported,
                    $"The model '{model.Name}' has no level '{GranularityMap.Name(level)}'; it has " +
                        $"{string.Join(", ", model.Levels.Select(GranularityMap.Name))}.");
    }

    /// <summary>The refusal of names.</summary>
    public static PromptException NoNames(Segmenter model) => new(PromptError.NamesNotSupported,
        $"The model '{model.Name}' was trained without names, so it cannot be asked by name. Ask it by points, a box or a mask, segment everything, or take " +
        "a model that knows names, such as the embedded one.");
}
