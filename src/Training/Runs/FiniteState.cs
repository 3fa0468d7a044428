using SemanticSam.Engine.Checkpoints;
using static TorchSharp.torch;

namespace SemanticSam.Training.Runs;

/// <summary>
/// What a training holds is looked at before it is written: one NaN in it, and the checkpoint would take the place of a good one and could not be gone on
/// with.
/// </summary>
internal static class FiniteState
{
    /// <summary>Refuses to write what is not finite.</summary>
    /// <param name="folder">Where it would be written.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="tensors">All of it, by name.</param>
    /// <exception cref="TrainingNotFiniteException">A tensor has a value that is not finite.</exception>
    public static void Require(string folder, long step, IEnumerable<(string Name, Tensor Value)> tensors)
    {
        if (FirstNotFinite(tensors) is { } name)
            throw new TrainingNotFiniteException($"After {step} steps '{name}' holds numbers that are not finite. Nothing of it is written: what '{folder}' "
                + "holds of an earlier step stays as it is. A lower learning rate may go on from there.");
    }

    /// <summary>Looks at what a step changed although its gradient was left out: normalizations follow the batch before there is any.</summary>
    /// <param name="folder">Of the training.</param>
    /// <param name="step">From 0.</param>
    /// <param name="state">Parameters and buffers.</param>
    /// <param name="images">Of the batch.</param>
    /// <exception cref="TrainingNotFiniteException">A tensor has a value that is not finite.</exception>
    public static void RequireAfterSkipping(string folder, long step, IEnumerable<KeyValuePair<string, Tensor>> state, IEnumerable<string> images)
    {
        if (FirstNotFinite(state.Select(t => (t.Key, t.Value))) is { } name)
            throw new TrainingNotFiniteException($"The loss of step {step} is not finite, and '{name}' no longer is. Images of the step: "
                + $"{string.Join(", ", images)}. What '{folder}' holds of an earlier step is whole; a lower learning rate, or the set without these images, "
                + "may go on from there.");
    }

    private static string? FirstNotFinite(IEnumerable<(string Name, Tensor Value)> tensors)
    {
        foreach (var (name, value) in tensors)
            if (value.is_floating_point() && value.numel() > 0 && !FiniteWeights.IsFinite(value)) return name;
        return null;
    }
}
