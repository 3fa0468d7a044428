using SemanticSam.Granularity.Layers;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// What the decoder sees of an image (or a batch of equally sized ones): the mask features, and the pixel decoder's levels as
/// one row of tokens. Made once an image by <see cref="MaskDinoDecoder.Remember"/>; owns its tensors.
/// </summary>
internal sealed class DecoderMemory : IDisposable
{
    private readonly Tensor[]? _values;

    internal DecoderMemory(Tensor maskFeatures, Tensor tokens, IReadOnlyList<LevelShape> shapes, Tensor[]? values)
    {
        MaskFeatures = maskFeatures;
        Tokens = tokens;
        Shapes = shapes;
        _values = values;
    }

    /// <summary>[B, M, H/4, W/4].</summary>
    public Tensor MaskFeatures { get; }

    /// <summary>[B, S, C]: the coarsest level first, rows of a level one after another.</summary>
    public Tensor Tokens { get; }

    /// <summary>Height and width of each level, in the order of the tokens.</summary>
    public IReadOnlyList<LevelShape> Shapes { get; }

    /// <summary>Kept from prompt to prompt where the owner asked for it, else computed for this call.</summary>
    internal Tensor ValueFor(int index, TransformerDecoderLayer layer) => _values?[index] ?? layer.ProjectMemory(Tokens);

    /// <summary>Takes the tensors out of any dispose scope: they live until <see cref="Dispose"/>.</summary>
    public DecoderMemory DetachFromDisposeScope()
    {
        foreach (var tensor in Owned())
            tensor.DetachFromDisposeScope();
        return this;
    }

    internal DecoderMemory MoveToOuterDisposeScope()
    {
        foreach (var tensor in Owned())
            tensor.MoveToOuterDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Owned())
            tensor.Dispose();
    }

    private IEnumerable<Tensor> Owned() => [MaskFeatures, Tokens, .. _values ?? []];
}
