using System.Text.Json;
using SemanticSam.Granularity.SemanticSam;

namespace SemanticSam.Tests.Support;

/// <summary>The sizes of the tiny models of the semantic_sam and openseed fixtures.</summary>
internal static class TinyConfigs
{
    /// <summary>The SWIN section of a configuration.</summary>
    public static SwinConfig Swin(JsonElement swin) => new()
    {
        EmbedDim = swin.GetProperty("EMBED_DIM").GetInt64(),
        Depths = [.. swin.GetProperty("DEPTHS").EnumerateArray().Select(v => v.GetInt32())],
        Heads = [.. swin.GetProperty("NUM_HEADS").EnumerateArray().Select(v => v.GetInt64())],
        Window = swin.GetProperty("WINDOW_SIZE").GetInt64(),
        MlpRatio = swin.GetProperty("MLP_RATIO").GetDouble(),
        StochasticDepth = swin.GetProperty("DROP_PATH_RATE").GetDouble(),
    };

    /// <summary>The ENCODER section; the width of the MLP is only in the shapes of the state dict.</summary>
    public static PixelDecoderConfig PixelDecoder(JsonElement encoder, IReadOnlyList<long> channels, JsonElement stateDict) => new()
    {
        Channels = channels,
        Width = encoder.GetProperty("CONVS_DIM").GetInt64(),
        MaskWidth = encoder.GetProperty("MASK_DIM").GetInt64(),
        Layers = encoder.GetProperty("TRANSFORMER_ENC_LAYERS").GetInt32(),
        Levels = encoder.GetProperty("TOTAL_NUM_FEATURE_LEVELS").GetInt32(),
        FeedForward = stateDict.GetProperty("sem_seg_head.pixel_decoder.transformer.encoder.layers.0.linear1.bias")[0].GetInt64(),
    };

    public static SwinConfig SemanticSamSwin()
    {
        using var config = Fixtures.Json("semantic_sam/tiny_config.json");
        return Swin(config.RootElement.GetProperty("MODEL").GetProperty("BACKBONE").GetProperty("SWIN"));
    }

    public static PixelDecoderConfig SemanticSamPixelDecoder()
    {
        using var config = Fixtures.Json("semantic_sam/tiny_config.json");
        long embed = SemanticSamSwin().EmbedDim;
        return PixelDecoder(config.RootElement.GetProperty("MODEL").GetProperty("ENCODER"),
            [embed, embed * 2, embed * 4, embed * 8], config.RootElement.GetProperty("state_dict"));
    }

    /// <param name="kind">"plain" or "decoupled".</param>
    public static PixelDecoderConfig OpenSeedPixelDecoder(string kind)
    {
        using var config = Fixtures.Json("openseed/tiny_config.json");
        var model = config.RootElement.GetProperty(kind);
        long embed = Swin(model.GetProperty("SWIN")).EmbedDim;
        return PixelDecoder(model.GetProperty("ENCODER"), [embed, embed * 2, embed * 4, embed * 8], model.GetProperty("state_dict"));
    }
}
