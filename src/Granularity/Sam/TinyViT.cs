using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>MobileSAM's image encoder (arXiv 2306.14289): TinyViT (arXiv 2207.10666) with SAM's neck.</summary>
internal sealed class TinyViT : nn.Module<Tensor, Tensor>, ITracedEncoder
{
    private readonly TinyViTPatchEmbed patch_embed;
    private readonly ModuleList<TinyViTStage> layers;
    private readonly LayerNorm norm_head; // of the classifier it was trained as; in the checkpoints, not used
    private readonly Linear head;
    private readonly Sequential neck;

    /// <summary>An encoder with random weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <exception cref="ArgumentException">Sizes are out of range or contradict each other.</exception>
    public TinyViT(TinyViTConfig config) : base(nameof(TinyViT))
    {
        config.Validate();
        Config = config;
        patch_embed = new TinyViTPatchEmbed(config.Widths[0]);
        layers = new ModuleList<TinyViTStage>();
        for (int s = 0; s < 4; s++) layers.Add(new TinyViTStage(config, s));
        norm_head = nn.LayerNorm(config.Widths[3]);
        head = nn.Linear(config.Widths[3], config.Classes);
        TinyViTWeights.Initialize(head);
        neck = SamNeck.Create(config.Widths[3], config.Output);
        RegisterComponents();
    }

    /// <summary>The sizes it was made with.</summary>
    public TinyViTConfig Config { get; }

    /// <summary>[B, 3, side, side], normalized and padded -> [B, output, side / 16, side / 16].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Trace(x, []).Embedding.MoveToOuterDisposeScope();
    }

    /// <summary>The blocks at a sixteenth of the image's side, those of the last two stages.</summary>
    public IReadOnlyList<long> StateWidths =>
        [Config.Widths[2], .. Enumerable.Repeat(Config.Widths[2], Config.Depths[2]), .. Enumerable.Repeat(Config.Widths[3], Config.Depths[3])];

    public EncoderStates Trace(Tensor x, IReadOnlyList<int> states)
    {
        using var scope = NewDisposeScope();
        var hidden = new List<Tensor>();
        int number = 0;
        x = patch_embed.call(x);
        for (int s = 0; s < layers.Count; s++)
        {
            using var stage = NewDisposeScope();
            if (s == 2 && states.Contains(0)) Keep(x);
            x = layers[s].Run(x, s < 2 ? null : block =>
            {
                if (states.Contains(++number)) Keep(block);
            }).MoveToOuterDisposeScope();
        }
        var embedding = neck.call(SquareMap.Of(x).permute(0, 3, 1, 2)).contiguous();
        foreach (var state in hidden)
        {
            scope.Attach(state);
            state.MoveToOuterDisposeScope();
        }
        return new(hidden, embedding.MoveToOuterDisposeScope());

        void Keep(Tensor tokens) => hidden.Add(SquareMap.Of(tokens).alias().DetachFromDisposeScope()); // inside of several scopes
    }

    internal Sequential Neck => neck;
}

/// <summary>How TinyViT's linear layers begin.</summary>
internal static class TinyViTWeights
{
    /// <summary>Weights normal, of deviation 0.02; biases 0.</summary>
    public static void Initialize(params ReadOnlySpan<Linear> layers)
    {
        foreach (var layer in layers)
        {
            InitialWeights.Normal(layer.weight, 0.02);
            nn.init.zeros_(layer.bias!);
        }
    }
}

/// <summary>Blocks at one resolution, and the way to the next.</summary>
internal sealed class TinyViTStage : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<nn.Module<Tensor, Tensor>> blocks;
    private readonly TinyViTPatchMerging? downsample;

    public TinyViTStage(TinyViTConfig config, int stage) : base(nameof(TinyViTStage))
    {
        blocks = new ModuleList<nn.Module<Tensor, Tensor>>();
        for (int k = 0; k < config.Depths[stage]; k++)
            blocks.Add(stage == 0
                ? new MBConv(config.Widths[0], config.ConvolutionRatio)
                : new TinyViTBlock(config.Widths[stage], config.Heads[stage], config.Windows[stage], config.MlpRatio));
        downsample = stage < 3 ? new TinyViTPatchMerging(config.Widths[stage], config.Widths[stage + 1]) : null;
        RegisterComponents();
    }

    /// <summary>The first stage takes a map [B, C, H, W], the others tokens [B, H * W, C]; all give tokens.</summary>
    public override Tensor forward(Tensor x)
    {
        return Run(x, null);
    }

    /// <summary>As <see cref="forward"/>, telling what each block gives.</summary>
    internal Tensor Run(Tensor x, Action<Tensor>? told)
    {
        using var scope = NewDisposeScope();
        for (int k = 0; k < blocks.Count; k++)
        {
            x = blocks[k].call(x);
            told?.Invoke(x);
        }
        return (downsample is null ? x : downsample.call(x)).MoveToOuterDisposeScope();
    }
}
