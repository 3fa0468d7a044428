using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.TextEncoder.Sentences;

/// <summary>
/// A sentence encoder of BERT's form (Devlin et al., arXiv 1810.04805), such as all-MiniLM-L6-v2: token ids to one unit vector a text,
/// the mean of the last hidden states. State-dict names are Hugging Face's BertModel's, without pooler.
/// </summary>
internal sealed class SentenceEncoder : Module
{
    private readonly BertEmbeddings embeddings;
    private readonly BertEncoder encoder;

    /// <summary>An encoder with random weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The heads do not divide the width.</exception>
    public SentenceEncoder(SentenceEncoderConfig config) : base(nameof(SentenceEncoder))
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.Width % config.Heads != 0)
            throw new ArgumentOutOfRangeException(nameof(config), config.Heads, $"A width of {config.Width} cannot be divided among these heads.");
        Config = config;
        embeddings = new BertEmbeddings(config);
        encoder = new BertEncoder(config);
        RegisterComponents();
    }

    /// <summary>Sizes.</summary>
    public SentenceEncoderConfig Config { get; }

    /// <summary>Embeddings of texts.</summary>
    /// <param name="rows">Token ids with marks, at least one row, each at least one id.</param>
    /// <returns>[rows, Width], float32, of length 1; the caller's.</returns>
    public Tensor Encode(IReadOnlyList<int[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        int length = rows.Max(r => r.Length);
        var ids = new long[rows.Count * length];
        var kept = new float[ids.Length];
        for (int r = 0; r < rows.Count; r++)
            for (int i = 0; i < rows[r].Length; i++) (ids[r * length + i], kept[r * length + i]) = (rows[r][i], 1);
        Device device = embeddings.Device;
        Tensor mask = tensor(kept, rows.Count, length, 1).to(device);
        Tensor hidden = Hidden(tensor(ids, rows.Count, length).to(device), mask);
        Tensor mean = (hidden * mask).sum(1) / mask.sum(1);
        return functional.normalize(mean, 2, 1).MoveToOuterDisposeScope();
    }

    /// <summary>The last hidden states, [texts, tokens, Width].</summary>
    /// <param name="ids">[texts, tokens], int64.</param>
    /// <param name="kept">[texts, tokens, 1], float32: 1 for a token, 0 for padding.</param>
    internal Tensor Hidden(Tensor ids, Tensor kept)
    {
        Tensor bias = (kept - 1).squeeze(-1).unsqueeze(1).unsqueeze(1) * 1e9; // [texts, 1, 1, tokens]
        return encoder.Run(embeddings.Run(ids), bias);
    }

    private sealed class BertEmbeddings : Module
    {
        private readonly Embedding word_embeddings, position_embeddings, token_type_embeddings;
        private readonly LayerNorm LayerNorm;

        public BertEmbeddings(SentenceEncoderConfig config) : base(nameof(BertEmbeddings))
        {
            word_embeddings = nn.Embedding(config.VocabularySize, config.Width);
            position_embeddings = nn.Embedding(config.Positions, config.Width);
            token_type_embeddings = nn.Embedding(2, config.Width);
            LayerNorm = nn.LayerNorm(config.Width, config.LayerNormEpsilon);
            RegisterComponents();
        }

        public Device Device => word_embeddings.weight!.device;

        public Tensor Run(Tensor ids) =>
            LayerNorm.forward(word_embeddings.forward(ids) + position_embeddings.weight!.slice(0, 0, ids.shape[1], 1) + token_type_embeddings.weight![0]);
    }

    private sealed class BertEncoder : Module
    {
        private readonly ModuleList<BertLayer> layer;

        public BertEncoder(SentenceEncoderConfig config) : base(nameof(BertEncoder))
        {
            layer = new ModuleList<BertLayer>([.. Enumerable.Range(0, config.Layers).Select(_ => new BertLayer(config))]);
            RegisterComponents();
        }

        public Tensor Run(Tensor x, Tensor bias) => layer.Aggregate(x, (state, block) => block.Run(state, bias));
    }

    private sealed class BertLayer : Module
    {
        private readonly BertAttention attention;
        private readonly Dense intermediate;
        private readonly DenseAndNorm output;

        public BertLayer(SentenceEncoderConfig config) : base(nameof(BertLayer))
        {
            attention = new BertAttention(config);
            intermediate = new Dense(config.Width, config.FeedForward);
            output = new DenseAndNorm(config.FeedForward, config);
            RegisterComponents();
        }

        public Tensor Run(Tensor x, Tensor bias)
        {
            x = attention.Run(x, bias);
            return output.Run(functional.gelu(intermediate.Run(x)), x);
        }
    }

    private sealed class BertAttention : Module
    {
        private readonly SelfAttention self;
        private readonly DenseAndNorm output;

        public BertAttention(SentenceEncoderConfig config) : base(nameof(BertAttention))
        {
            self = new SelfAttention(config);
            output = new DenseAndNorm(config.Width, config);
            RegisterComponents();
        }

        public Tensor Run(Tensor x, Tensor bias) => output.Run(self.Run(x, bias), x);
    }

    private sealed class SelfAttention : Module
    {
        private readonly Linear query, key, value;
        private readonly int _heads;

        public SelfAttention(SentenceEncoderConfig config) : base(nameof(SelfAttention))
        {
            _heads = config.Heads;
            query = nn.Linear(config.Width, config.Width);
            key = nn.Linear(config.Width, config.Width);
            value = nn.Linear(config.Width, config.Width);
            RegisterComponents();
        }

        public Tensor Run(Tensor x, Tensor bias)
        {
            long texts = x.shape[0], tokens = x.shape[1], width = x.shape[2];
            Tensor q = Split(query.forward(x)), k = Split(key.forward(x)), v = Split(value.forward(x)); // [texts, heads, tokens, head width]
            Tensor weights = functional.softmax(q.matmul(k.transpose(-1, -2)) / Math.Sqrt(width / (double)_heads) + bias, -1);
            return weights.matmul(v).transpose(1, 2).reshape(texts, tokens, width);

            Tensor Split(Tensor t) => t.view(texts, tokens, _heads, width / _heads).transpose(1, 2);
        }
    }

    private sealed class Dense : Module
    {
        private readonly Linear dense;

        public Dense(int inputs, int outputs) : base(nameof(Dense))
        {
            dense = nn.Linear(inputs, outputs);
            RegisterComponents();
        }

        public Tensor Run(Tensor x) => dense.forward(x);
    }

    private sealed class DenseAndNorm : Module
    {
        private readonly Linear dense;
        private readonly LayerNorm LayerNorm;

        public DenseAndNorm(int inputs, SentenceEncoderConfig config) : base(nameof(DenseAndNorm))
        {
            dense = nn.Linear(inputs, config.Width);
            LayerNorm = nn.LayerNorm(config.Width, config.LayerNormEpsilon);
            RegisterComponents();
        }

        public Tensor Run(Tensor x, Tensor residual) => LayerNorm.forward(dense.forward(x) + residual);
    }
}
