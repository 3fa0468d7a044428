using System.Text.Json;
using SemanticSam.Granularity.SemanticSam;

namespace SemanticSam.Tests.Support;

/// <summary>Configurations of the golden models, read from the reference's own settings beside the data.</summary>
internal static class ReferenceConfig
{
    /// <summary>The tiny Semantic-SAM.</summary>
    public static ModelConfig SemanticSamTiny()
    {
        using var json = Fixtures.Json("semantic_sam/tiny_config.json");
        var model = json.RootElement.GetProperty("MODEL");
        var (encoder, decoder) = (model.GetProperty("ENCODER"), model.GetProperty("DECODER"));
        return Common("tiny", model.GetProperty("BACKBONE").GetProperty("SWIN"), encoder, decoder, model) with
        {
            Decoder = Decoder(encoder, decoder, model) with { MaskTokens = Int(decoder, "NUM_INTERACTIVE_TOKENS") },
        };
    }

    /// <summary>The tiny OpenSeeD models: <paramref name="kind"/> is plain or decoupled.</summary>
    public static ModelConfig OpenSeeDTiny(string kind)
    {
        using var json = Fixtures.Json("openseed/tiny_config.json");
        var model = json.RootElement.GetProperty(kind);
        var (encoder, decoder) = (model.GetProperty("ENCODER"), model.GetProperty("DECODER"));
        return Common("tiny-" + kind, model.GetProperty("SWIN"), encoder, decoder, model) with
        {
            Decoder = Decoder(encoder, decoder, model) with
            {
                MaskTokens = 0,
                PartClasses = false,
                ObjectQueries = Int(decoder, "NUM_OBJECT_QUERIES"),
                StuffQueries = Int(model, "stuff_queries"),
                TwoStage = decoder.GetProperty("TWO_STAGE").GetBoolean(),
                LearnedContent = decoder.GetProperty("LEARN_TGT").GetBoolean(),
                InitialPrediction = decoder.GetProperty("INITIAL_PRED").GetBoolean(),
                BoxHead = BoxHeadInput.NormedOnce,
            },
        };
    }

    private static ModelConfig Common(string name, JsonElement swin, JsonElement encoder, JsonElement decoder, JsonElement model)
    {
        long width = swin.GetProperty("EMBED_DIM").GetInt64();
        var text = model.GetProperty("TEXT");
        return new ModelConfig
        {
            Name = name,
            Swin = new SwinConfig
            {
                EmbedDim = width,
                Depths = [.. swin.GetProperty("DEPTHS").EnumerateArray().Select(v => v.GetInt32())],
                Heads = [.. swin.GetProperty("NUM_HEADS").EnumerateArray().Select(v => v.GetInt64())],
                Window = swin.GetProperty("WINDOW_SIZE").GetInt64(),
                StochasticDepth = swin.GetProperty("DROP_PATH_RATE").GetDouble(),
            },
            PixelDecoder = new PixelDecoderConfig
            {
                Channels = [.. Enumerable.Range(0, 4).Select(s => width << s)],
                Width = Int(encoder, "CONVS_DIM"),
                MaskWidth = Int(encoder, "MASK_DIM"),
                FeedForward = encoder.TryGetProperty("DIM_FEEDFORWARD", out var f) ? f.GetInt32() : Int(decoder, "DIM_FEEDFORWARD"),
                Layers = Int(encoder, "TRANSFORMER_ENC_LAYERS"),
                Heads = Int(decoder, "NHEADS"),
                Levels = Int(encoder, "TOTAL_NUM_FEATURE_LEVELS"),
            },
            Decoder = new DecoderConfig(),
            Text = new TextConfig
            {
                Context = Int(text, "CONTEXT_LENGTH"),
                Width = Int(text, "WIDTH"),
                Heads = Int(text, "HEADS"),
                Layers = Int(text, "LAYERS"),
            },
        };
    }

    private static DecoderConfig Decoder(JsonElement encoder, JsonElement decoder, JsonElement model) => new()
    {
        Width = Int(decoder, "HIDDEN_DIM"),
        MaskWidth = Int(encoder, "MASK_DIM"),
        FeedForwardWidth = Int(decoder, "DIM_FEEDFORWARD"),
        Heads = Int(decoder, "NHEADS"),
        SelfAttentionHeads = Int(decoder, "NHEADS"),
        Layers = Int(decoder, "DEC_LAYERS"),
        Levels = Int(decoder, "TOTAL_NUM_FEATURE_LEVELS"),
        TextWidth = Int(model, "DIM_PROJ"),
    };

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
