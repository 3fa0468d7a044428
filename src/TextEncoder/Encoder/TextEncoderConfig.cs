namespace SemanticSam.TextEncoder.Encoder;

/// <summary>Activation inside the transformer's MLP.</summary>
internal enum TextActivation
{
    /// <summary>x * sigmoid(1.702 x), of OpenAI's CLIP and Semantic-SAM.</summary>
    QuickGelu,

    /// <summary>The exact Gaussian error linear unit, of some Hugging Face and OpenCLIP models.</summary>
    Gelu,
}

/// <summary>Sizes of a CLIP-style text transformer.</summary>
/// <param name="Width">Features of a token; a multiple of <paramref name="Heads"/>.</param>
/// <param name="Layers">Transformer blocks.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="ContextLength">Longest row of tokens, start and end included.</param>
/// <param name="VocabularySize">Tokens of the tokenizer.</param>
/// <param name="OutputWidth">Features of a text.</param>
internal sealed record TextEncoderConfig(int Width, int Layers, int Heads, int ContextLength, int VocabularySize, int OutputWidth)
{
    /// <summary>Epsilon of the layer norms: 1e-5 in OpenAI's CLIP, 1e-12 in Semantic-SAM and OpenSeeD.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Activation inside the MLP.</summary>
    public TextActivation Activation { get; init; } = TextActivation.QuickGelu;

    /// <summary>Text tower of OpenAI's ViT-B/32 and ViT-B/16.</summary>
    public static TextEncoderConfig ClipVitB { get; } = new(512, 12, 8, 77, 49408, 512);

    /// <summary>Language encoder of Semantic-SAM and OpenSeeD.</summary>
    public static TextEncoderConfig SemanticSam { get; } = new(512, 12, 8, 18, 49408, 512) { LayerNormEpsilon = 1e-12 };

    /// <summary>Reads the sizes off the shapes of a state dict, with OpenAI's names or those of <see cref="LanguageEncoder"/>.</summary>
    /// <param name="shapes">Names (without a prefix) and shapes.</param>
    /// <param name="heads">Attention heads, which no shape tells; default width / 64, as OpenAI's loader.</param>
    /// <exception cref="InvalidDataException">A tensor that tells a size is missing or of another rank.</exception>
    public static TextEncoderConfig FromShapes(IReadOnlyDictionary<string, long[]> shapes, int? heads = null)
    {
        ArgumentNullException.ThrowIfNull(shapes);
        bool openAi = shapes.ContainsKey("token_embedding.weight");
        string prefix = openAi ? "" : "lang_encoder.";
        string blocks = openAi ? "transformer.resblocks." : "lang_encoder.resblocks.";
        long[] tokens = Shape(prefix + "token_embedding.weight", 2);
        long[] positions = Shape(prefix + "positional_embedding", 2);
        long[] projection = Shape(openAi ? "text_projection" : "lang_proj", 2);
        int layers = 0;
        while (shapes.ContainsKey($"{blocks}{layers}.ln_1.weight")) layers++;
        int width = (int)tokens[1];
        return new TextEncoderConfig(width, layers, heads ?? Math.Max(1, width / 64), (int)positions[0], (int)tokens[0], (int)projection[1])
        {
            LayerNormEpsilon = openAi ? 1e-5 : 1e-12,
        };

        long[] Shape(string name, int rank) => shapes.TryGetValue(name, out long[]? shape) && shape.Length == rank ? shape
            : throw new InvalidDataException(
                $"The text encoder's '{name}' is {(shape is null ? "missing" : $"of rank {shape.Length}")}; it must have rank {rank}.");
    }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Width);
        ArgumentOutOfRangeException.ThrowIfNegative(Layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Heads);
        ArgumentOutOfRangeException.ThrowIfLessThan(ContextLength, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(VocabularySize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(OutputWidth);
        if (Width % Heads != 0) throw new ArgumentOutOfRangeException(nameof(Heads), Heads, $"The width {Width} must be a multiple of the heads.");
    }
}
