using SemanticSam.TextEncoder.Tokenizer;
using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.TextEncoder.Encoder;

/// <summary>
/// CLIP's text transformer (Radford et al., arXiv 2103.00020): tokens to one vector a text. Two published layouts of its state dict exist:
/// <see cref="OpenAiTextEncoder"/> and <see cref="LanguageEncoder"/>.
/// </summary>
internal abstract class ClipTextEncoder : Module<Tensor, Tensor>
{
    private protected ClipTextEncoder(string name, TextEncoderConfig config) : base(name)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
    }

    /// <summary>Sizes.</summary>
    public TextEncoderConfig Config { get; }

    /// <summary>Natural logarithm of what similarities are multiplied by; rank 0.</summary>
    public abstract Tensor LogitScale { get; }

    /// <summary>Added to the norm that features are divided by.</summary>
    private protected abstract double NormEpsilon { get; }

    private protected abstract Embedding TokenEmbedding { get; }

    private protected abstract Parameter PositionalEmbedding { get; }

    private protected abstract ModuleList<ResidualAttentionBlock> ResidualBlocks { get; }

    private protected abstract LayerNorm FinalNorm { get; }

    private protected abstract Parameter Projection { get; }

    internal IReadOnlyList<ResidualAttentionBlock> Blocks => [.. ResidualBlocks];

    /// <summary>Features of rows of tokens, not normalized.</summary>
    /// <param name="ids">[N, L] int64 or int32, L at most <see cref="TextEncoderConfig.ContextLength"/>.</param>
    /// <returns>[N, OutputWidth].</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        return Project(Hidden(ids), ids.argmax(-1)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Features of rows of tokens divided by their length. Columns after the last first end token are left out: attention looks back only,
    /// so they cannot matter.
    /// </summary>
    /// <param name="rows">Rows of equal length of at most <see cref="TextEncoderConfig.ContextLength"/>, as <see cref="TextTokenizer.Encode"/> gives
    /// them.</param>
    /// <returns>[rows, OutputWidth], on the weights' device.</returns>
    /// <exception cref="ArgumentException">No rows, or rows of other lengths.</exception>
    public Tensor EncodeNormalized(IReadOnlyList<int[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0) throw new ArgumentException("There must be at least one row to encode.", nameof(rows));
        int length = rows[0].Length;
        if (length < 1 || length > Config.ContextLength || rows.Any(r => r.Length != length))
            throw new ArgumentException($"Rows must all have the same length of at most {Config.ContextLength} tokens; the first has {length}.", nameof(rows));
        using var scope = NewDisposeScope();
        var ends = new long[rows.Count];
        for (int i = 0; i < ends.Length; i++) ends[i] = Array.IndexOf(rows[i], rows[i].Max());
        int used = (int)ends.Max() + 1;
        var ids = new long[rows.Count * used];
        for (int i = 0; i < ids.Length; i++) ids[i] = rows[i / used][i % used];
        var device = Projection.device;
        var features = Project(Hidden(tensor(ids, rows.Count, used).to(device)), tensor(ends).to(device));
        return Normalize(features).MoveToOuterDisposeScope();
    }

    /// <summary>Divides rows [..., OutputWidth] by their L2 norms, as the model's reference does.</summary>
    public Tensor Normalize(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = NewDisposeScope();
        return (features / (features.norm(-1, keepdim: true) + NormEpsilon)).MoveToOuterDisposeScope();
    }

    /// <summary>exp(logit_scale) * v / (|v| + 1e-7) . text.</summary>
    /// <param name="features">[..., OutputWidth], any length.</param>
    /// <param name="texts">[names, OutputWidth], normalized.</param>
    /// <returns>[..., names]; scores are the sigmoid of it in Semantic-SAM and OpenSeeD.</returns>
    public Tensor Similarity(Tensor features, Tensor texts)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(texts);
        using var scope = NewDisposeScope();
        var unit = features / (features.norm(-1, keepdim: true) + 1e-7);
        return (LogitScale.exp() * unit.matmul(texts.transpose(0, 1))).MoveToOuterDisposeScope();
    }

    /// <summary>Token and position embeddings: [N, L] to [N, L, Width].</summary>
    internal Tensor Embed(Tensor ids)
    {
        long length = ids.shape[1];
        var positions = PositionalEmbedding;
        return TokenEmbedding.call(ids) + (length == positions.shape[0] ? positions : positions.narrow(0, 0, length));
    }

    /// <summary>State after the final norm: [N, L] to [N, L, Width].</summary>
    internal Tensor Hidden(Tensor ids)
    {
        var x = Embed(ids);
        foreach (var block in ResidualBlocks) x = block.forward(x);
        return FinalNorm.Normalize(x);
    }

    /// <summary>The state at the end token of each row, projected: [N, L, Width] and [N] to [N, OutputWidth].</summary>
    private Tensor Project(Tensor hidden, Tensor ends)
    {
        var rows = arange(hidden.shape[0], device: hidden.device);
        return hidden[TensorIndex.Tensor(rows), TensorIndex.Tensor(ends)].matmul(Projection);
    }

    private protected static Parameter MakePositions(TextEncoderConfig config) => ModuleTensors.Parameter(zeros(config.ContextLength, config.Width));

    private protected static Parameter MakeProjection(TextEncoderConfig config) => ModuleTensors.Parameter(zeros(config.Width, config.OutputWidth));

    private protected static ModuleList<ResidualAttentionBlock> MakeBlocks(TextEncoderConfig config)
        => ModuleList([.. Enumerable.Range(0, config.Layers).Select(_ => new ResidualAttentionBlock(config))]);

    /// <summary>CLIP's initial weights: normal, so scaled that the blocks keep the length of their states.</summary>
    private protected void InitializeScaled()
    {
        init.normal_(TokenEmbedding.weight!, 0, 0.02);
        init.normal_(PositionalEmbedding, 0, 0.01);
        foreach (var block in ResidualBlocks) block.InitializeScaled(Config);
        init.normal_(Projection, 0, Math.Pow(Config.Width, -0.5));
    }

    /// <summary>Semantic-SAM's initial weights: normal of one deviation, biases 0.</summary>
    private protected void InitializePlain()
    {
        const double deviation = 0.02;
        InitialWeights.Normal(TokenEmbedding.weight!, deviation);
        InitialWeights.Normal(PositionalEmbedding, deviation);
        foreach (var block in ResidualBlocks) block.InitializePlain(deviation);
        InitialWeights.Normal(Projection, deviation);
    }
}
