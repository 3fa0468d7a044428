using SemanticSam.Engine.Checkpoints;

namespace SemanticSam.Engine.Zoo;

/// <summary>Finds, among all that may be weights in a checkpoint, those of a model that is known.</summary>
internal static class KnownWeights
{
    /// <summary>By the names of SAM itself and by those of transformers.</summary>
    private static readonly string[] ModulesOfSam = ["image_encoder.", "vision_encoder.", "prompt_encoder.", "mask_decoder.", "shared_image_embedding."];

    /// <summary>The weights and what they are; where nothing is known, the likeliest weights and null.</summary>
    /// <param name="checkpoint">An opened checkpoint; it must stay open as long as values are read.</param>
    /// <exception cref="CheckpointException">It holds no weights.</exception>
    public static (StateDict Weights, Recognition? Found) Of(ICheckpoint checkpoint)
    {
        foreach (var candidate in StateDict.Candidates(checkpoint))
            if (ForeignModels.Describe(candidate) is null && ModelRecognizer.Recognize(candidate) is { } found)
                return (found.Family is ModelFamily.Sam or ModelFamily.MobileSam ? candidate.Only(IsOfSam) : candidate, found);
        return (StateDict.From(checkpoint), null);
    }

    /// <summary>A loss or a head that was trained with a SAM lies beside its modules, and is none of them.</summary>
    private static bool IsOfSam(string name) => ModulesOfSam.Any(m => name.StartsWith(m, StringComparison.Ordinal)) || name is "pixel_mean" or "pixel_std";

    /// <summary>What weights are that are of no known model, and what can be done.</summary>
    public static string WhyUnknown(StateDict weights) =>
        ForeignModels.Describe(weights) ?? ForeignModels.DescribePart(weights)
            ?? (weights.Count == 0 ? "it holds no tensors." : null)
            ?? $"its tensors are not those of a model that is known here; the first names are {string.Join(", ", weights.Keys.Take(3))}.";
}
