using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// The Swin transformer (arXiv 2103.14030) as a backbone for dense prediction, with the conventions of Semantic-SAM: windows are
/// padded after the norm and the padding is not masked; every stage's output has a norm of its own; no absolute position.
/// </summary>
internal sealed class SwinTransformer : Backbone
{
    private readonly PatchEmbed patch_embed;
    private readonly ModuleList<SwinStage> layers;
    private readonly LayerNorm norm0, norm1, norm2, norm3;

    /// <summary>A Swin transformer with fresh weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other.</exception>
    public SwinTransformer(SwinConfig config) : base(nameof(SwinTransformer))
    {
        config.Validate();
        Config = config;
        Channels = [.. Enumerable.Range(0, 4).Select(s => config.EmbedDim << s)];
        patch_embed = new PatchEmbed(config.EmbedDim);
        layers = new ModuleList<SwinStage>();
        int total = config.Depths.Sum(), before = 0;
        for (int s = 0; s < 4; s++)
        {
            // Stochastic depth grows linearly over all blocks of the network.
            double[] drops = [.. Enumerable.Range(before, config.Depths[s]).Select(i => total > 1 ? config.StochasticDepth * i / (total - 1) : 0)];
            layers.Add(new SwinStage(Channels[s], config.Heads[s], config.Window, config.MlpRatio, drops, downsample: s < 3));
            before += config.Depths[s];
        }
        norm0 = nn.LayerNorm(Channels[0]);
        norm1 = nn.LayerNorm(Channels[1]);
        norm2 = nn.LayerNorm(Channels[2]);
        norm3 = nn.LayerNorm(Channels[3]);
        RegisterComponents();
    }

    /// <summary>The sizes this network was made with.</summary>
    public SwinConfig Config { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<long> Channels { get; }

    internal PatchEmbed PatchEmbed => patch_embed;

    internal SwinStage Stage(int s) => layers[s];

    /// <inheritdoc/>
    public override Tensor[] forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        LayerNorm[] norms = [norm0, norm1, norm2, norm3];
        var outputs = new Tensor[4];
        var (x, h, w) = patch_embed.forward(images);
        for (int s = 0; s < 4; s++)
        {
            x = layers[s].Blocks(x, h, w);
            // [B, h * w, C] -> [B, C, h, w], a view: the channels stay innermost, as the next convolutions like them
            outputs[s] = norms[s].call(x).view(x.shape[0], h, w, Channels[s]).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
            if (s < 3) (x, h, w) = layers[s].Downsample(x, h, w);
        }
        return outputs;
    }
}
