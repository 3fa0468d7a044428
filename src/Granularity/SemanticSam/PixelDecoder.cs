using SemanticSam.Granularity.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>
/// The pixel decoder of Mask2Former and Mask DINO (arXiv 2206.02777) as Semantic-SAM and OpenSeeD use it: a deformable encoder
/// over the coarser maps, and mask features from its finest map and res2.
/// </summary>
internal sealed class PixelDecoder : nn.Module<IReadOnlyList<Tensor>, PixelFeatures>
{
    private const long Groups = 32;

    private readonly ModuleList<Sequential> input_proj;
    private readonly DeformableTransformer transformer;
    private readonly ConvGroupNorm adapter_1, layer_1;
    private readonly Conv2d mask_features;

    /// <summary>A pixel decoder with fresh weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other.</exception>
    public PixelDecoder(PixelDecoderConfig config) : base(nameof(PixelDecoder))
    {
        config.Validate();
        Config = config;
        long width = config.Width;
        input_proj = new ModuleList<Sequential>();
        for (int i = FirstMap; i < 4; i++)
            input_proj.Add(nn.Sequential(nn.Conv2d(config.Channels[i], width, kernel_size: 1), Norms.GroupNorm(Groups, width)));
        // The coarsest level is made from the backbone's last map itself, not from its projection.
        input_proj.Add(nn.Sequential(nn.Conv2d(config.Channels[3], width, kernel_size: 3, stride: 2, padding: 1), Norms.GroupNorm(Groups, width)));
        transformer = new DeformableTransformer(config);
        adapter_1 = new ConvGroupNorm(config.Channels[0], width, kernel: 1, Groups);
        layer_1 = new ConvGroupNorm(width, width, kernel: 3, Groups);
        mask_features = nn.Conv2d(width, config.MaskWidth, kernel_size: 1);
        RegisterComponents();
        foreach (var (name, parameter) in input_proj.named_parameters())
            if (parameter.dim() == 4) nn.init.xavier_uniform_(parameter);
            else if (name.EndsWith("bias", StringComparison.Ordinal)) nn.init.zeros_(parameter);
        nn.init.kaiming_uniform_(mask_features.weight, a: 1);
        nn.init.zeros_(mask_features.bias!);
    }

    /// <summary>The sizes this network was made with.</summary>
    public PixelDecoderConfig Config { get; }

    internal DeformableTransformer Transformer => transformer;

    /// <summary>Index of the finest map that the encoder sees: res3, or res2 with five levels.</summary>
    private int FirstMap => 5 - Config.Levels;

    /// <summary>Mask features and pyramid of a batch.</summary>
    /// <param name="features">res2 to res5 of a backbone.</param>
    /// <exception cref="ArgumentException">Other than four maps.</exception>
    public override PixelFeatures forward(IReadOnlyList<Tensor> features)
    {
        if (features.Count != 4)
            throw new ArgumentException($"A pixel decoder takes 4 maps, res2 to res5; {features.Count} were given.", nameof(features));
        using var scope = NewDisposeScope();
        var levels = Project(features);
        var shapes = levels.Select(l => new LevelShape(l.shape[2], l.shape[3])).ToArray();
        var maps = Split(transformer.forward(levels, shapes), shapes);
        return new PixelFeatures(MaskFeatures(features[0], maps[0]), maps).MoveToOuterDisposeScope();
    }

    /// <summary>The levels before the encoder: [B, width, h, w] each, finest first.</summary>
    internal Tensor[] Project(IReadOnlyList<Tensor> features)
    {
        var levels = new Tensor[Config.Levels];
        for (int l = 0; l < levels.Length; l++)
            levels[l] = input_proj[l].call(features[Math.Min(FirstMap + l, 3)]);
        return levels;
    }

    /// <summary>[B, width, H/4, W/4] and the finest encoded map -> [B, MaskWidth, H/4, W/4].</summary>
    internal Tensor MaskFeatures(Tensor res2, Tensor finest)
    {
        using var scope = NewDisposeScope();
        var side = adapter_1.call(res2);
        var up = finest.shape[2] == side.shape[2] && finest.shape[3] == side.shape[3]
            ? finest
            : F.interpolate(finest, [side.shape[2], side.shape[3]], mode: InterpolationMode.Bilinear, align_corners: false);
        return mask_features.call(F.relu(layer_1.call(side + up))).MoveToOuterDisposeScope();
    }

    /// <summary>[B, tokens, width] -> [B, width, h, w] each; views.</summary>
    private static Tensor[] Split(Tensor tokens, LevelShape[] shapes)
    {
        long start = 0;
        var maps = new Tensor[shapes.Length];
        for (int l = 0; l < shapes.Length; l++)
        {
            var (h, w) = shapes[l];
            maps[l] = tokens.narrow(1, start, h * w).transpose(1, 2).view(tokens.shape[0], tokens.shape[2], h, w);
            start += h * w;
        }
        return maps;
    }
}
