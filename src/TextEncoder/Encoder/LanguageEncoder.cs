using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.TextEncoder.Encoder;

/// <summary>
/// The language encoder of Semantic-SAM and OpenSeeD (and of the embedded model, with smaller sizes): <c>lang_encoder.*</c> (embeddings,
/// <c>resblocks</c>, <c>ln_final</c>), <c>lang_proj</c>, <c>logit_scale</c>. In checkpoints it is <c>sem_seg_head.predictor.lang_encoder</c>.
/// </summary>
internal sealed class LanguageEncoder : ClipTextEncoder
{
    private readonly TextTransformer lang_encoder;
    private readonly Parameter lang_proj;
    private readonly Parameter logit_scale;

    /// <summary>An encoder with random weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the heads do not divide the width.</exception>
    public LanguageEncoder(TextEncoderConfig config) : base(nameof(LanguageEncoder), config)
    {
        lang_encoder = new TextTransformer(config);
        lang_proj = MakeProjection(config);
        logit_scale = ModuleTensors.Parameter(ones(Array.Empty<long>()));
        RegisterComponents();
        InitializePlain();
    }

    /// <inheritdoc/>
    public override Tensor LogitScale => logit_scale;

    private protected override double NormEpsilon => 1e-7;

    private protected override Parameter PositionalEmbedding => lang_encoder.Positions;

    private protected override ModuleList<ResidualAttentionBlock> ResidualBlocks => lang_encoder.Blocks;

    private protected override LayerNorm FinalNorm => lang_encoder.Final;

    private protected override Parameter Projection => lang_proj;

    private protected override Embedding TokenEmbedding => lang_encoder.Tokens;

    /// <summary>
    /// Weights for a training of the whole model from nothing, where no pretrained text transformer is at hand: the states keep their length
    /// through the blocks, names lie apart from the start, similarities are neither flat nor steep.
    /// </summary>
    internal void ResetForScratch()
    {
        const double tokens = 0.05, positions = 0.02, scale = 2;
        InitializeScaled();
        init.normal_(TokenEmbedding.weight!, 0, tokens);
        init.normal_(PositionalEmbedding, 0, positions);
        init.constant_(logit_scale, scale);
    }

    private sealed class TextTransformer : Module
    {
        private readonly Embedding token_embedding;
        private readonly Parameter positional_embedding;
        private readonly ModuleList<ResidualAttentionBlock> resblocks;
        private readonly LayerNorm ln_final;

        public TextTransformer(TextEncoderConfig config) : base(nameof(TextTransformer))
        {
            token_embedding = ModuleTensors.Embedding(config.VocabularySize, config.Width);
            positional_embedding = MakePositions(config);
            resblocks = MakeBlocks(config);
            ln_final = LayerNorm(config.Width, config.LayerNormEpsilon);
            RegisterComponents();
        }

        public Embedding Tokens => token_embedding;

        public Parameter Positions => positional_embedding;

        public ModuleList<ResidualAttentionBlock> Blocks => resblocks;

        public LayerNorm Final => ln_final;
    }
}
