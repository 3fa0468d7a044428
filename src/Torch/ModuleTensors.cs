using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Torch;

/// <summary>
/// Parameters and buffers that a module makes for itself. TorchSharp leaves such tensors in the dispose scope that happens to be open, and a
/// model made there would die with it, silently missing from its own state dict; those of the layers it brings along outlive it.
/// </summary>
internal static class ModuleTensors
{
    /// <summary>A parameter that lives as long as its module.</summary>
    /// <param name="values">Its initial values; taken over.</param>
    public static Parameter Parameter(Tensor values)
    {
        var parameter = nn.Parameter(values);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>An embedding that lives as long as its module; TorchSharp 0.107's own dies with the scope like those above.</summary>
    /// <param name="count">Rows.</param>
    /// <param name="width">Features of a row; drawn from the standard normal distribution.</param>
    public static Embedding Embedding(long count, long width)
    {
        var embedding = nn.Embedding(count, width);
        foreach (var weight in embedding.parameters()) weight.DetachFromDisposeScope(); // its property gives a handle of its own
        return embedding;
    }

    /// <summary>A buffer that lives as long as its module.</summary>
    /// <param name="values">Its values; taken over.</param>
    public static Tensor Buffer(Tensor values) => values.DetachFromDisposeScope();
}
