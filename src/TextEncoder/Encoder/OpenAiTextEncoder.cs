using SemanticSam.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SemanticSam.TextEncoder.Encoder;

/// <summary>
/// The text tower with the names of OpenAI's archives: <c>token_embedding</c>, <c>positional_embedding</c>, <c>transformer.resblocks.*</c>,
/// <c>ln_final</c>, <c>text_projection</c>, <c>logit_scale</c>. Names of Hugging Face's CLIP are brought to these by
/// <see cref="HuggingFaceClip"/>.
/// </summary>
internal sealed class OpenAiTextEncoder : ClipTextEncoder
{
    private readonly Embedding token_embedding;
    private readonly Parameter positional_embedding;
    private readonly TextTransformer transformer;
    private readonly LayerNorm ln_final;
    private readonly Parameter text_projection;
    private readonly Parameter logit_scale;

    /// <summary>An encoder with random weights.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the heads do not divide the width.</exception>
    public OpenAiTextEncoder(TextEncoderConfig config) : base(nameof(OpenAiTextEncoder), config)
    {
        token_embedding = ModuleTensors.Embedding(config.VocabularySize, config.Width);
        positional_embedding = MakePositions(config);
        transformer = new TextTransformer(MakeBlocks(config));
        ln_final = LayerNorm(config.Width, config.LayerNormEpsilon);
        text_projection = MakeProjection(config);
        logit_scale = ModuleTensors.Parameter(tensor((float)Math.Log(1 / 0.07)));
        RegisterComponents();
        InitializeScaled();
    }

    /// <inheritdoc/>
    public override Tensor LogitScale => logit_scale;

    private protected override double NormEpsilon => 0;

    private protected override Parameter PositionalEmbedding => positional_embedding;

    private protected override ModuleList<ResidualAttentionBlock> ResidualBlocks => transformer.Blocks;

    private protected override LayerNorm FinalNorm => ln_final;

    private protected override Parameter Projection => text_projection;

    private protected override Embedding TokenEmbedding => token_embedding;

    private sealed class TextTransformer : Module
    {
        private readonly ModuleList<ResidualAttentionBlock> resblocks;

        public TextTransformer(ModuleList<ResidualAttentionBlock> blocks) : base(nameof(TextTransformer))
        {
            resblocks = blocks;
            RegisterComponents();
        }

        public ModuleList<ResidualAttentionBlock> Blocks => resblocks;
    }
}
