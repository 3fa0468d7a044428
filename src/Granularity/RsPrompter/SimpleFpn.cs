using SemanticSam.Granularity.Sam;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>Five maps at strides 4 to 64 of one map at stride 16 (ViTDet, arXiv 2203.16527).</summary>
internal sealed class SimpleFpn : nn.Module
{
    private const double Epsilon = 1e-5; // not the 1e-6 of SAM's own channel norms

    /// <summary>Pixels a cell of each map.</summary>
    public static readonly int[] Strides = [4, 8, 16, 32, 64];

    private readonly Sequential fpn1, fpn2;
    private readonly ModuleList<NormedConvolution> lateral_convs, fpn_convs;
    private readonly ModuleList<Conv2d>? own_convs;

    /// <param name="width">Features of the map, and of the pyramid; a multiple of 4.</param>
    /// <param name="own">Features of maps at strides 4 to 32 that the encoder has of its own; empty for none.</param>
    public SimpleFpn(long width, IReadOnlyList<long> own) : base(nameof(SimpleFpn))
    {
        fpn1 = nn.Sequential(nn.ConvTranspose2d(width, width / 2, kernel_size: 2, stride: 2), new LayerNorm2d(width / 2, Epsilon), nn.GELU(),
            nn.ConvTranspose2d(width / 2, width / 4, kernel_size: 2, stride: 2));
        fpn2 = nn.Sequential(nn.ConvTranspose2d(width, width / 2, kernel_size: 2, stride: 2));
        long[] widths = [width / 4, width / 2, width, width];
        lateral_convs = new([.. widths.Select(w => new NormedConvolution(w, width, 1))]);
        fpn_convs = new([.. widths.Select(_ => new NormedConvolution(width, width, 3))]);
        if (own.Count > 0) own_convs = new([.. own.Select(w => nn.Conv2d(w, width, kernel_size: 1))]);
        RegisterComponents();
    }

    /// <summary>[B, C, h, w] -> five maps, the finest first.</summary>
    /// <param name="map">At stride 16.</param>
    /// <param name="own">The encoder's own maps at strides 4 to 32, where the pyramid was made for such.</param>
    public Tensor[] forward(Tensor map, IReadOnlyList<Tensor> own)
    {
        if (own.Count != (own_convs?.Count ?? 0))
            throw new ArgumentException($"{own_convs?.Count ?? 0} maps of the encoder are needed, {own.Count} were given.", nameof(own));
        using var scope = NewDisposeScope();
        Tensor[] levels = [fpn1.call(map), fpn2.call(map), map, F.max_pool2d(map, 2, 2)];
        var maps = new Tensor[Strides.Length];
        for (int i = 0; i < levels.Length; i++)
        {
            var lateral = lateral_convs[i].call(levels[i]);
            if (own.Count > 0) lateral = lateral + own_convs![i].call(own[i]);
            maps[i] = fpn_convs[i].call(lateral);
        }
        maps[^1] = F.max_pool2d(maps[^2], 1, 2);
        return [.. maps.Select(m => m.MoveToOuterDisposeScope())];
    }

    /// <summary>A convolution without bias and a channel norm. State-dict names: conv, norm_layer.</summary>
    private sealed class NormedConvolution : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv;
        private readonly LayerNorm2d norm_layer;

        public NormedConvolution(long input, long output, long kernel) : base(nameof(NormedConvolution))
        {
            conv = nn.Conv2d(input, output, kernel_size: kernel, padding: kernel / 2, bias: false);
            norm_layer = new LayerNorm2d(output, Epsilon);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => norm_layer.call(conv.call(x));
    }
}
