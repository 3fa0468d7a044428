using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using SemanticSam.Foundation;
using SemanticSam.Imaging.Resizing;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Sizes of the language encoder in a model of the Semantic-SAM family.</summary>
internal sealed record TextConfig
{
    /// <summary>Tokens of the vocabulary.</summary>
    public int Vocabulary { get; init; } = 49408;

    /// <summary>Tokens of a text, the end included.</summary>
    public int Context { get; init; } = 18;

    /// <summary>Width of the transformer.</summary>
    public int Width { get; init; } = 512;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Transformer blocks.</summary>
    public int Layers { get; init; } = 12;
}

/// <summary>Which edge of an image is brought to a given length.</summary>
internal enum SizedEdge
{
    /// <summary>The shorter one, as Semantic-SAM and OpenSeeD do.</summary>
    Shorter,

    /// <summary>The longer one, which bounds the time an image takes.</summary>
    Longer,
}

/// <summary>How images are resized before they are encoded; the aspect stays. The defaults are Semantic-SAM's.</summary>
internal sealed record ImageSizing
{
    /// <summary>The edge that is brought to <see cref="Pixels"/>.</summary>
    public SizedEdge Edge { get; init; } = SizedEdge.Shorter;

    /// <summary>Its length in pixels; small images are enlarged.</summary>
    public int Pixels { get; init; } = 640;

    /// <summary>Filter, antialiased when shrinking.</summary>
    public ResizeFilter Filter { get; init; } = ResizeFilter.Bicubic;
}

/// <summary>
/// Everything that decides which modules a model of the Semantic-SAM family has and how large they are. Serializable: a model's
/// folder carries it as config.json.
/// </summary>
internal sealed record ModelConfig
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>What the model is called in results and messages.</summary>
    public required string Name { get; init; }

    /// <summary>The backbone, when it is a Swin transformer.</summary>
    public SwinConfig? Swin { get; init; }

    /// <summary>The backbone, when it is a residual convolutional network.</summary>
    public ConvNetConfig? ConvNet { get; init; }

    /// <summary>The pixel decoder; its channels are those of the backbone.</summary>
    public required PixelDecoderConfig PixelDecoder { get; init; }

    /// <summary>The mask decoder.</summary>
    public required DecoderConfig Decoder { get; init; }

    /// <summary>The language encoder; null for a model without.</summary>
    public TextConfig? Text { get; init; }

    /// <summary>Mean of red, green, blue on the scale 0..255.</summary>
    public IReadOnlyList<float> PixelMean { get; init; } = [123.675f, 116.28f, 103.53f];

    /// <summary>Deviation of red, green, blue on the scale 0..255.</summary>
    public IReadOnlyList<float> PixelStd { get; init; } = [58.395f, 57.12f, 57.375f];

    /// <summary>How images are resized before they are encoded.</summary>
    public ImageSizing Sizing { get; init; } = new();

    /// <summary>Semantic-SAM with Swin-T, trained on SA-1B alone: prompts, no names.</summary>
    public static ModelConfig SemanticSamSwinT { get; } = SemanticSam("semantic-sam-swint", SwinConfig.T);

    /// <summary>Semantic-SAM with Swin-L, trained on SA-1B alone: prompts, no names.</summary>
    public static ModelConfig SemanticSamSwinL { get; } = SemanticSam("semantic-sam-swinl", SwinConfig.L);

    /// <summary>OpenSeeD with Swin-T (<c>openseed_swint_lang</c>).</summary>
    public static ModelConfig OpenSeeDSwinT { get; } = OpenSeeD("openseed-swint", SwinConfig.T, levels: 4, stuffQueries: 0, context: 18);

    /// <summary>OpenSeeD with Swin-T trained with Objects365 (<c>openseed_swint_lang_o365</c>).</summary>
    public static ModelConfig OpenSeeDSwinTObjects365 { get; } = OpenSeeD("openseed-swint-o365", SwinConfig.T, levels: 4, stuffQueries: 0, context: 77);

    /// <summary>OpenSeeD with Swin-T and learned queries for stuff (<c>openseed_swint_lang_o365_decouple</c>).</summary>
    public static ModelConfig OpenSeeDSwinTDecoupled { get; } = OpenSeeD("openseed-swint-o365-decoupled", SwinConfig.T, levels: 4,
        stuffQueries: 100, context: 77);

    /// <summary>OpenSeeD with Swin-L, five levels and learned queries for stuff (<c>openseed_swinl_lang_decouple</c>).</summary>
    public static ModelConfig OpenSeeDSwinLDecoupled { get; } = OpenSeeD("openseed-swinl-decoupled", SwinConfig.L, levels: 5, stuffQueries: 100, context: 18);

    /// <summary>The embedded default: prompts, names and name queries on a small convolutional backbone.</summary>
    public static ModelConfig Nano { get; } = new()
    {
        Name = "semsam-nano",
        ConvNet = ConvNetConfig.Nano,
        PixelDecoder = new() { Channels = ConvNetConfig.Nano.Channels, Width = 128, MaskWidth = 64, FeedForward = 384, Layers = 1, Heads = 4, Points = 2 },
        Decoder = new()
        {
            Width = 128,
            MaskWidth = 64,
            FeedForwardWidth = 512,
            Heads = 4,
            SelfAttentionHeads = 8,
            Layers = 3,
            TextWidth = 128,
            ObjectQueries = 60,
            InitialPrediction = false,
            Additions = new()
            {
                ClickSizes = [0.025f, 0.05f, 0.085f, 0.14f, 0.27f, 0.6f],
                PromptSamples = 7,
                ShapedByBox = true,
                ComparesClicks = true,
                NameQueries = true,
            },
        },
        Text = new() { Vocabulary = 2048, Context = 16, Width = 192, Heads = 4, Layers = 2 },
        Sizing = new() { Edge = SizedEdge.Longer, Pixels = 448, Filter = ResizeFilter.Bilinear },
    };

    /// <summary>Reads a config.json, also one of version 0.1, where the decoder's additions stood among its own entries.</summary>
    /// <exception cref="JsonException">Not JSON, an unknown or a missing entry; the message says where.</exception>
    public static ModelConfig FromJson(string json)
    {
        var root = JsonTree.Parse(Encoding.UTF8.GetBytes(json));
        if (root["decoder"] is JsonObject decoder) GatherAdditions(decoder);
        return root.Deserialize<ModelConfig>(Json) ?? throw new JsonException("The model configuration is empty.");
    }

    private static void GatherAdditions(JsonObject decoder)
    {
        foreach (string property in typeof(DecoderAdditionsConfig).GetProperties().Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name)))
        {
            if (!decoder.Remove(property, out var value)) continue;
            if (decoder["additions"] is not JsonObject additions) decoder["additions"] = additions = [];
            additions[property] = value;
        }
    }

    /// <summary>Writes a config.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static ModelConfig SemanticSam(string name, SwinConfig swin) => new()
    {
        Name = name,
        Swin = swin,
        PixelDecoder = new() { Channels = Channels(swin) },
        Decoder = DecoderConfig.SemanticSam,
    };

    private static ModelConfig OpenSeeD(string name, SwinConfig swin, int levels, int stuffQueries, int context) => new()
    {
        Name = name,
        Swin = swin,
        PixelDecoder = new() { Channels = Channels(swin), Levels = levels },
        Decoder = DecoderConfig.OpenSeeD(levels, stuffQueries),
        Text = new() { Context = context },
        Sizing = new() { Pixels = 800 },
    };

    private static long[] Channels(SwinConfig swin) => [.. Enumerable.Range(0, 4).Select(stage => swin.EmbedDim << stage)];
}
