using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Blocks at one resolution, and the way down to the next.</summary>
internal sealed class SwinStage : nn.Module
{
    private readonly ModuleList<SwinBlock> blocks;
    private readonly PatchMerging? downsample;

    /// <param name="width">Channels.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="window">Side of a window.</param>
    /// <param name="mlpRatio">Hidden width over channels.</param>
    /// <param name="drops">Stochastic depth of each block.</param>
    /// <param name="downsample">Whether a stage follows.</param>
    public SwinStage(long width, long heads, long window, double mlpRatio, IReadOnlyList<double> drops, bool downsample)
        : base(nameof(SwinStage))
    {
        blocks = new ModuleList<SwinBlock>();
        for (int k = 0; k < drops.Count; k++)
            blocks.Add(new SwinBlock(width, heads, window, shift: k % 2 == 0 ? 0 : window / 2, mlpRatio, drops[k]));
        this.downsample = downsample ? new PatchMerging(width) : null;
        RegisterComponents();
    }

    public int Depth => blocks.Count;

    public SwinBlock Block(int k) => blocks[k];

    /// <summary>[B, h * w, C] through all blocks.</summary>
    public Tensor Blocks(Tensor x, long h, long w)
    {
        for (int k = 0; k < blocks.Count; k++) x = blocks[k].forward(x, h, w);
        return x;
    }

    /// <summary>[B, h * w, C] -> [B, ceil(h/2) * ceil(w/2), 2C] and its size.</summary>
    public (Tensor X, long H, long W) Downsample(Tensor x, long h, long w) => downsample!.forward(x, h, w);
}

/// <summary>A 4x4 convolution of stride 4 and a norm over channels.</summary>
internal sealed class PatchEmbed : nn.Module
{
    private const long Patch = 4;

    private readonly Conv2d proj;
    private readonly LayerNorm norm;

    public PatchEmbed(long width) : base(nameof(PatchEmbed))
    {
        proj = nn.Conv2d(3, width, kernel_size: Patch, stride: Patch);
        norm = nn.LayerNorm(width);
        RegisterComponents();
    }

    /// <summary>[B, 3, H, W], zero-padded to multiples of 4 -> [B, h * w, C] and the size h, w in patches.</summary>
    public (Tensor X, long H, long W) forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        long bottom = -images.shape[2] & (Patch - 1), right = -images.shape[3] & (Patch - 1);
        if (bottom + right > 0) images = F.pad(images, [0, right, 0, bottom]);
        var map = proj.call(images);
        long h = map.shape[2], w = map.shape[3];
        var tokens = norm.call(map.flatten(2).transpose(1, 2)); // [B, C, h, w] -> [B, h * w, C]
        return (tokens.MoveToOuterDisposeScope(), h, w);
    }
}

/// <summary>Halves the resolution: the four phases side by side, a norm, and a linear layer to twice the channels.</summary>
internal sealed class PatchMerging : nn.Module
{
    private readonly Linear reduction;
    private readonly LayerNorm norm;

    public PatchMerging(long width) : base(nameof(PatchMerging))
    {
        reduction = nn.Linear(4 * width, 2 * width, hasBias: false);
        norm = nn.LayerNorm(4 * width);
        RegisterComponents();
    }

    /// <summary>[B, h * w, C] -> [B, ceil(h/2) * ceil(w/2), 2C]; odd sizes are padded with zeros.</summary>
    public (Tensor X, long H, long W) forward(Tensor x, long h, long w)
    {
        using var scope = NewDisposeScope();
        long batch = x.shape[0], width = x.shape[2];
        var map = x.view(batch, h, w, width);
        if (h % 2 + w % 2 > 0) map = F.pad(map, [0, 0, 0, w % 2, 0, h % 2]);
        (h, w) = ((h + 1) / 2, (w + 1) / 2);
        // Phases in the order (row, column) = (0,0), (1,0), (0,1), (1,1):
        // [B, h, row, w, column, C] -> [B, h, w, column, row, C] -> [B, h * w, 4C]
        var phases = map.view(batch, h, 2, w, 2, width).permute(0, 1, 3, 4, 2, 5).reshape(batch, h * w, 4 * width);
        return (reduction.call(norm.call(phases)).MoveToOuterDisposeScope(), h, w);
    }
}
