using SemanticSam.Granularity.Layers;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>The deformable encoder over a pyramid. State-dict names: level_embed, encoder.layers.&lt;i&gt;.*</summary>
internal sealed class DeformableTransformer : nn.Module
{
    private readonly Parameter level_embed; // [levels, width]
    private readonly DeformableEncoder encoder;
    private readonly PositionEmbeddingSine _positions;

    public DeformableTransformer(PixelDecoderConfig config) : base(nameof(DeformableTransformer))
    {
        level_embed = ModuleTensors.Parameter(randn(config.Levels, config.Width));
        encoder = new DeformableEncoder(config);
        _positions = new PositionEmbeddingSine(config.Width / 2);
        RegisterComponents();
    }

    internal DeformableEncoder Encoder => encoder;

    /// <summary>Level embeddings for a training from nothing: at the published deviation of 1 they would drown what the tokens say.</summary>
    internal void ResetForScratch() => nn.init.normal_(level_embed, 0, 0.1);

    /// <summary>Encodes a pyramid.</summary>
    /// <param name="levels">[B, width, h, w] each.</param>
    /// <param name="shapes">Their sizes.</param>
    /// <returns>[B, tokens, width], row-major inside a level.</returns>
    public Tensor forward(IReadOnlyList<Tensor> levels, IReadOnlyList<LevelShape> shapes)
    {
        using var scope = NewDisposeScope();
        return encoder.forward(Tokens(levels), Positions(shapes), shapes).MoveToOuterDisposeScope();
    }

    /// <summary>[B, width, h, w] each -> [B, tokens, width].</summary>
    internal static Tensor Tokens(IReadOnlyList<Tensor> levels) => cat([.. levels.Select(l => l.flatten(2).transpose(1, 2))], 1);

    /// <summary>Position and level embeddings, [1, tokens, width].</summary>
    internal Tensor Positions(IReadOnlyList<LevelShape> shapes)
    {
        var parts = new Tensor[shapes.Count];
        for (int l = 0; l < parts.Length; l++)
            parts[l] = _positions.Of(shapes[l], level_embed.device).flatten(2).transpose(1, 2) + level_embed.select(0, l);
        return cat(parts, 1);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _positions.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A stack of encoder layers.</summary>
internal sealed class DeformableEncoder : nn.Module
{
    private readonly ModuleList<DeformableEncoderLayer> layers;

    public DeformableEncoder(PixelDecoderConfig config) : base(nameof(DeformableEncoder))
    {
        layers = new ModuleList<DeformableEncoderLayer>();
        for (int i = 0; i < config.Layers; i++) layers.Add(new DeformableEncoderLayer(config));
        RegisterComponents();
    }

    public int Depth => layers.Count;

    public DeformableEncoderLayer Layer(int i) => layers[i];

    /// <param name="tokens">[B, tokens, width].</param>
    /// <param name="positions">[1, tokens, width].</param>
    /// <param name="shapes">Sizes of the levels.</param>
    /// <returns>[B, tokens, width].</returns>
    public Tensor forward(Tensor tokens, Tensor positions, IReadOnlyList<LevelShape> shapes)
    {
        using var scope = NewDisposeScope();
        var references = ReferencePoints(shapes, tokens.device);
        for (int i = 0; i < layers.Count; i++) tokens = layers[i].forward(tokens, positions, references, shapes);
        return tokens.MoveToOuterDisposeScope();
    }

    /// <summary>Center of every token's own cell as (x, y), the same for all levels: [1, tokens, 1, 2].</summary>
    internal static Tensor ReferencePoints(IReadOnlyList<LevelShape> shapes, Device device)
    {
        var points = new float[shapes.Sum(s => s.Count) * 2];
        int at = 0;
        foreach (var (h, w) in shapes)
            for (long i = 0; i < h; i++)
                for (long j = 0; j < w; j++)
                {
                    points[at++] = (float)((j + 0.5) / w);
                    points[at++] = (float)((i + 0.5) / h);
                }
        return tensor(points, [1, points.Length / 2, 1, 2], ScalarType.Float32, device);
    }
}

/// <summary>Deformable self-attention and an MLP, each followed by a norm of the sum.</summary>
internal sealed class DeformableEncoderLayer : nn.Module
{
    private readonly MultiScaleDeformableAttention self_attn;
    private readonly LayerNorm norm1, norm2;
    private readonly Linear linear1, linear2;

    public DeformableEncoderLayer(PixelDecoderConfig config) : base(nameof(DeformableEncoderLayer))
    {
        self_attn = new MultiScaleDeformableAttention(config.Width, config.Levels, config.Heads, config.Points);
        norm1 = nn.LayerNorm(config.Width);
        linear1 = nn.Linear(config.Width, config.FeedForward);
        linear2 = nn.Linear(config.FeedForward, config.Width);
        norm2 = nn.LayerNorm(config.Width);
        nn.init.xavier_uniform_(linear1.weight);
        nn.init.xavier_uniform_(linear2.weight);
        RegisterComponents();
    }

    /// <summary>[B, tokens, width] -> the same shape.</summary>
    public Tensor forward(Tensor x, Tensor positions, Tensor references, IReadOnlyList<LevelShape> shapes)
    {
        using var scope = NewDisposeScope();
        x = norm1.call(x + Attend(x, positions, references, shapes));
        return norm2.call(x + linear2.call(Activations.Relu(linear1.call(x)))).MoveToOuterDisposeScope();
    }

    /// <summary>The values are the tokens without their positions.</summary>
    internal Tensor Attend(Tensor x, Tensor positions, Tensor references, IReadOnlyList<LevelShape> shapes) =>
        self_attn.forward(x + positions, references, x, shapes);
}
