using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>Whether a name is in the image at all: from the whole image and the name, without asking where.</summary>
internal sealed class PresenceHead : Module
{
    private const double Scale = 0.1, FirstBias = -1;

    private readonly Linear image, word;
    private readonly Parameter bias;

    public PresenceHead(NanoConfig config) : base(nameof(PresenceHead))
    {
        image = NanoLayers.Linear(ResNet18.LastWidth(config.BackboneWidth), config.EmbeddingWidth);
        word = NanoLayers.Linear(config.EmbeddingWidth, config.EmbeddingWidth, 1); // names have length 1, so components become about 1
        bias = ModuleTensors.Parameter(full(1, FirstBias, ScalarType.Float32));
        RegisterComponents();
    }

    /// <summary>Logits, [B, N].</summary>
    /// <param name="global">[B, C]: the mean of the backbone's coarsest features.</param>
    /// <param name="names">[B, N, EmbeddingWidth], of length 1.</param>
    public Tensor Run(Tensor global, Tensor names) =>
        word.forward(names).bmm(image.forward(global).unsqueeze(-1)).squeeze(-1) * Scale + bias;
}
