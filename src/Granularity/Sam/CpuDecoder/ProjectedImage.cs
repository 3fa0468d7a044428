using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam.CpuDecoder;

/// <summary>
/// What the decoder's first layer makes of an image before a prompt is known: the same for all prompts that bring no mask. Owns its tensors.
/// </summary>
/// <param name="Source">[1, N, C]: the image's embedding with that of no mask.</param>
/// <param name="Position">[1, N, C].</param>
/// <param name="Keys">[heads, N, hd], for tokens that look at the image.</param>
/// <param name="Values">[heads, N, hd].</param>
/// <param name="Queries">[heads, N, hd], for the image that looks at tokens.</param>
internal sealed record ProjectedImage(Tensor Source, Tensor Position, Tensor Keys, Tensor Values, Tensor Queries) : IDisposable
{
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }

    /// <summary>Out of any dispose scope.</summary>
    public ProjectedImage DetachFromDisposeScope()
    {
        foreach (var tensor in Tensors) tensor.DetachFromDisposeScope();
        return this;
    }

    public ProjectedImage MoveToOuterDisposeScope()
    {
        foreach (var tensor in Tensors) tensor.MoveToOuterDisposeScope();
        return this;
    }

    private Tensor[] Tensors => [Source, Position, Keys, Values, Queries];
}
