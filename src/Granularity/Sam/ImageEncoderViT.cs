using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>
/// SAM's image encoder (arXiv 2304.02643): a plain vision transformer with windowed and global attention, and a neck of two convolutions.
/// </summary>
internal sealed class ImageEncoderViT : nn.Module<Tensor, Tensor>, ITracedEncoder
{
    private readonly ViTPatchEmbed patch_embed;
    private readonly Parameter pos_embed; // [1, grid, grid, C]
    private readonly ModuleList<ViTBlock> blocks;
    private readonly Sequential neck;

    /// <summary>An encoder with random weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <exception cref="ArgumentException">Sizes are out of range or contradict each other.</exception>
    public ImageEncoderViT(ImageEncoderViTConfig config) : base(nameof(ImageEncoderViT))
    {
        config.Validate();
        Config = config;
        patch_embed = new ViTPatchEmbed(config.Width, config.Patch);
        pos_embed = ModuleTensors.Parameter(zeros(1, config.Grid, config.Grid, config.Width));
        blocks = new ModuleList<ViTBlock>();
        for (int k = 0; k < config.Depth; k++) blocks.Add(new ViTBlock(config, config.GlobalBlocks.Contains(k) ? 0 : config.Window));
        neck = SamNeck.Create(config.Width, config.Output);
        RegisterComponents();
    }

    /// <summary>The sizes it was made with.</summary>
    public ImageEncoderViTConfig Config { get; }

    /// <summary>[B, 3, side, side], normalized and padded -> [B, output, side / patch, side / patch].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Trace(x, []).Embedding.MoveToOuterDisposeScope();
    }

    public IReadOnlyList<long> StateWidths => [.. Enumerable.Repeat(Config.Width, Config.Depth + 1)];

    public EncoderStates Trace(Tensor x, IReadOnlyList<int> states)
    {
        using var scope = NewDisposeScope();
        x = patch_embed.call(x) + pos_embed;
        var hidden = new List<Tensor>();
        if (states.Contains(0)) hidden.Add(x.MoveToOuterDisposeScope());
        for (int k = 0; k < blocks.Count; k++)
        {
            using var block = NewDisposeScope();
            x = blocks[k].call(x).MoveToOuterDisposeScope();
            if (states.Contains(k + 1)) hidden.Add(x.MoveToOuterDisposeScope());
        }
        return new(hidden, neck.call(x.permute(0, 3, 1, 2)).contiguous().MoveToOuterDisposeScope());
    }

    internal ModuleList<ViTBlock> Blocks => blocks;

    internal Sequential Neck => neck;
}

/// <summary>A convolution over patches. State-dict name: proj.</summary>
internal sealed class ViTPatchEmbed : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d proj;

    public ViTPatchEmbed(long width, long patch) : base(nameof(ViTPatchEmbed))
    {
        proj = nn.Conv2d(3, width, kernel_size: patch, stride: patch);
        RegisterComponents();
    }

    /// <summary>[B, 3, H, W] -> [B, H / patch, W / patch, C].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return proj.call(x).permute(0, 2, 3, 1).MoveToOuterDisposeScope();
    }
}

/// <summary>What SAM's and MobileSAM's encoders end in.</summary>
internal static class SamNeck
{
    /// <summary>1x1 convolution, norm, 3x3 convolution, norm; no biases, no activation.</summary>
    public static Sequential Create(long input, long output) => nn.Sequential(
        nn.Conv2d(input, output, kernel_size: 1, bias: false), new LayerNorm2d(output),
        nn.Conv2d(output, output, kernel_size: 3, padding: 1, bias: false), new LayerNorm2d(output));
}
