using static TorchSharp.torch;

namespace SemanticSam.Torch;

/// <summary>Initial weights that TorchSharp has not, or has wrong.</summary>
internal static class InitialWeights
{
    /// <summary>
    /// Normal around 0, as the papers' <c>trunc_normal_(weights, std=deviation)</c>, whose cut at 2 is a hundred deviations away from theirs.
    /// </summary>
    /// <remarks>TorchSharp 0.107's own <c>trunc_normal_</c> adds the deviation to every weight.</remarks>
    public static void Normal(Tensor weights, double deviation) => nn.init.normal_(weights, 0, deviation);
}
