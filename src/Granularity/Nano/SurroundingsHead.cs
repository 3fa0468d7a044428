using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.Granularity.Nano;

/// <summary>
/// Compares the names of surroundings (sky, grass, walls) with pixels of its own, made of the same pyramid, and tells from a name whether it answers for it.
/// So it can be learned from other photos than things are, and nothing that is known of things changes by it.
/// </summary>
internal sealed class SurroundingsHead : Module, INameHead
{
    /// <summary>A plane does not part the words: with one, coats and sandals were surroundings.</summary>
    private const int KindWidth = 128;

    private readonly SurroundingsEmbedding pixel;
    private readonly NameProjection names;
    private readonly PresenceHead presence;
    private readonly Linear kindHidden, kindOutput;
    private readonly double _lengthen;

    public SurroundingsHead(NanoConfig config) : base(nameof(SurroundingsHead))
    {
        _lengthen = Math.Sqrt(config.SentenceWidth);
        pixel = new SurroundingsEmbedding(config);
        names = new NameProjection(config);
        presence = new PresenceHead(config);
        kindHidden = NanoLayers.Linear(config.SentenceWidth, KindWidth);
        kindOutput = NanoLayers.Linear(KindWidth, 1, 0);
        RegisterComponents();
    }

    /// <inheritdoc cref="NameProjection.CenterOn"/>
    public void CenterNames(Tensor mean) => names.CenterOn(mean);

    /// <summary>Logits of names being those of surroundings, [..., 1].</summary>
    /// <param name="sentences">[..., SentenceWidth], of length 1.</param>
    public Tensor Kind(Tensor sentences) => kindOutput.forward(functional.gelu(kindHidden.forward(sentences * _lengthen)));

    /// <summary>Embeddings of pixels, [B, H / 4 * W / 4, EmbeddingWidth].</summary>
    /// <param name="levels">The pyramid's.</param>
    public Tensor Embed(Tensor[] levels) => pixel.Run(levels);

    /// <inheritdoc/>
    public Tensor Names(Tensor sentences) => names.Run(sentences);

    /// <inheritdoc/>
    public Tensor Words(NanoFeatures features, Tensor names) => this.names.Logits(names, features.Surroundings ?? Embed(features.Levels));

    /// <inheritdoc/>
    public Tensor Presence(NanoFeatures features, Tensor names) => presence.Run(features.Global, names);
}
