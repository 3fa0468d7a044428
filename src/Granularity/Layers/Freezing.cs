using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>A module that can derive from its weights, once, what inference would derive in every call: folded norms, gathered biases.</summary>
internal interface IFreezable
{
    /// <summary>Derives it from the weights as they are now.</summary>
    void Freeze();
}

/// <summary>
/// Prepares a model for inference, after its weights are loaded and on their device. From then on forward takes what was derived: weights that
/// are changed or moved later are not noticed, and no gradient reaches those that were folded or gathered. Training never freezes, and
/// <c>train()</c> undoes it.
/// </summary>
internal static class Freezing
{
    /// <summary>Puts the model into evaluation mode and freezes all its parts. Not while another thread computes with it.</summary>
    public static void Freeze(this nn.Module model)
    {
        model.eval();
        using var still = no_grad();
        foreach (var (_, module) in model.named_modules())
            if (module is IFreezable part) part.Freeze();
    }
}
