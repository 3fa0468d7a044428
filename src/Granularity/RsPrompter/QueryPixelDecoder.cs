using SemanticSam.Granularity.Layers;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SemanticSam.Granularity.RsPrompter;

/// <summary>
/// The pixel decoder of Mask2Former (arXiv 2112.01527): the deformable encoder that Semantic-SAM has over the three coarsest maps, then two finer maps
/// from the top down.
/// </summary>
internal sealed class QueryPixelDecoder : nn.Module
{
    private const int Encoded = 3;

    private readonly ModuleList<NormedConvolution> input_convs, lateral_convs, output_convs;
    private readonly DeformableEncoder encoder;
    private readonly Embedding level_encoding;
    private readonly Conv2d mask_feature;
    private readonly PositionEmbeddingSine _positions;

    public QueryPixelDecoder(PrompterConfig config) : base(nameof(QueryPixelDecoder))
    {
        long width = config.QueryWidth;
        input_convs = new([.. Enumerable.Range(0, Encoded).Select(_ => new NormedConvolution(config.Width, width, 1, config.Groups, bias: true))]);
        encoder = new DeformableEncoder(new PixelDecoderConfig
        {
            Channels = [],
            Width = width,
            FeedForward = config.EncoderFeedForward,
            Layers = config.EncoderLayers,
            Heads = config.QueryHeads,
            Points = config.EncoderPoints,
            Levels = Encoded,
        });
        level_encoding = ModuleTensors.Embedding(Encoded, width);
        lateral_convs = new([.. Enumerable.Range(0, 2).Select(_ => new NormedConvolution(config.Width, width, 1, config.Groups, bias: false))]);
        output_convs = new([.. Enumerable.Range(0, 2).Select(_ => new NormedConvolution(width, width, 3, config.Groups, bias: false))]);
        mask_feature = nn.Conv2d(width, config.Width, kernel_size: 1);
        _positions = new PositionEmbeddingSine(width / 2);
        RegisterComponents();
    }

    /// <summary>Five maps, finest first -> mask features [B, C, H/4, W/4] and the three memories [B, width, h, w], coarsest first.</summary>
    public (Tensor MaskFeature, Tensor[] Memories) forward(IReadOnlyList<Tensor> maps)
    {
        using var scope = NewDisposeScope();
        var levels = new Tensor[Encoded];
        for (int l = 0; l < Encoded; l++) levels[l] = input_convs[l].call(maps[^(l + 1)]);
        LevelShape[] shapes = [.. levels.Select(l => new LevelShape(l.shape[2], l.shape[3]))];
        var positions = cat([.. shapes.Select((shape, l) =>
            _positions.Of(shape, levels[0].device).flatten(2).transpose(1, 2) + level_encoding.weight![l])], 1);
        var tokens = encoder.forward(DeformableTransformer.Tokens(levels), positions, shapes);
        var memories = new Tensor[Encoded];
        long start = 0;
        for (int l = 0; l < Encoded; l++)
        {
            var (h, w) = shapes[l];
            memories[l] = tokens.narrow(1, start, h * w).transpose(1, 2).reshape(tokens.shape[0], tokens.shape[2], h, w);
            start += h * w;
        }
        var finest = memories[^1];
        for (int i = lateral_convs.Count - 1; i >= 0; i--)
        {
            var lateral = lateral_convs[i].call(maps[i]);
            finest = lateral + F.interpolate(finest, [lateral.shape[2], lateral.shape[3]], mode: InterpolationMode.Bilinear, align_corners: false);
            finest = F.relu(output_convs[i].call(finest));
        }
        return (mask_feature.call(finest).MoveToOuterDisposeScope(), [.. memories.Select(m => m.MoveToOuterDisposeScope())]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _positions.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>A convolution and a group norm. State-dict names: conv, gn.</summary>
    private sealed class NormedConvolution : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv;
        private readonly GroupNorm gn;

        public NormedConvolution(long input, long output, long kernel, long groups, bool bias) : base(nameof(NormedConvolution))
        {
            conv = nn.Conv2d(input, output, kernel_size: kernel, padding: kernel / 2, bias: bias);
            gn = Norms.GroupNorm(groups, output);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => gn.call(conv.call(x));
    }
}
