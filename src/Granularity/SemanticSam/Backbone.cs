using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>A network from a normalized image to four maps of features at strides 4, 8, 16 and 32 (res2 to res5).</summary>
internal abstract class Backbone : nn.Module<Tensor, Tensor[]>
{
    /// <summary>Names the module; the subclass registers its parts.</summary>
    /// <param name="name">Name of the kind of network, for messages.</param>
    protected Backbone(string name) : base(name)
    {
    }

    /// <summary>Channels of res2, res3, res4 and res5.</summary>
    public abstract IReadOnlyList<long> Channels { get; }

    /// <summary>The features of a batch of images.</summary>
    /// <param name="images">[B, 3, H, W], normalized RGB, H and W multiples of 32.</param>
    /// <returns>res2 [B, C2, H/4, W/4], res3 [B, C3, H/8, W/8], res4 [B, C4, H/16, W/16], res5 [B, C5, H/32, W/32].</returns>
    public abstract override Tensor[] forward(Tensor images);
}
