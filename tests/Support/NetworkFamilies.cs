using SemanticSam.Granularity.Sam;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.TextEncoder.Encoder;
using TorchSharp;

namespace SemanticSam.Tests.Support;

/// <summary>A small network of every family, with the weights that it is made with.</summary>
internal static class NetworkFamilies
{
    public static TheoryData<string> All => ["sam", "mobile-sam", "semantic-sam", "openseed", "nano", "clip"];

    public static torch.nn.Module Create(string family) => family switch
    {
        "sam" => new SamModel(SamConfigs.Of("small")),
        "mobile-sam" => new SamModel(SamConfigs.Of("mobile_tiny")),
        "semantic-sam" => new SemanticSamModel(Small(ModelConfig.SemanticSamSwinT) with { Text = Text }),
        "openseed" => new SemanticSamModel(Small(ModelConfig.OpenSeeDSwinLDecoupled) with { Text = Text }),
        "nano" => new SemanticSamModel(ModelConfig.Nano),
        "clip" => new OpenAiTextEncoder(new TextEncoderConfig(Width: 96, Layers: 3, Heads: 4, ContextLength: 20, VocabularySize: 300, OutputWidth: 64)),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "No such family."),
    };

    private static TextConfig Text => new() { Vocabulary = 300, Context = 12, Width = 64, Heads = 4, Layers = 2 };

    /// <summary>The same modules, with fewer features.</summary>
    private static ModelConfig Small(ModelConfig published) => published with
    {
        Swin = new SwinConfig { EmbedDim = 32, Depths = [2, 2, 2, 2], Heads = [2, 2, 4, 4], Window = 7 },
        PixelDecoder = published.PixelDecoder with { Channels = [32, 64, 128, 256], Width = 64, MaskWidth = 48, FeedForward = 96, Layers = 2 },
        Decoder = published.Decoder with { Width = 64, MaskWidth = 48, FeedForwardWidth = 96, Layers = 2, TextWidth = 80 },
    };
}
