using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Layers;

/// <summary>Norms with the initial weights that the papers have: scale 1, offset 0.</summary>
internal static class Norms
{
    /// <summary>A group norm over [B, <paramref name="channels"/>, H, W].</summary>
    /// <remarks>TorchSharp 0.107 leaves the weights of its own as the memory was.</remarks>
    public static GroupNorm GroupNorm(long groups, long channels)
    {
        var norm = nn.GroupNorm(groups, channels);
        nn.init.ones_(norm.weight!);
        nn.init.zeros_(norm.bias!);
        return norm;
    }
}
