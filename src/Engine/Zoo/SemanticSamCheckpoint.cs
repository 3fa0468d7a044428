using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.SemanticSam;

namespace SemanticSam.Engine.Zoo;

/// <summary>Published checkpoints of Semantic-SAM and OpenSeeD into networks: sizes are read off the file, every name and shape must fit.</summary>
internal static class SemanticSamCheckpoint
{
    private const string Predictor = "sem_seg_head.predictor.";
    private const string Language = Predictor + "lang_encoder.lang_encoder.";

    /// <summary>A network with these weights, of the configuration that they call for.</summary>
    /// <exception cref="CheckpointException">The file is of another family, or its names and shapes do not fit.</exception>
    public static SemanticSamModel Open(StateDict weights)
    {
        var network = new SemanticSamModel(ConfigOf(weights));
        try
        {
            Load(network, weights);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Fills a network, all or nothing. Second names of shared tensors may be there or not, but must agree.</summary>
    /// <exception cref="StateDictMismatchException">Missing and unexpected names and other shapes, listed; nothing was changed.</exception>
    public static LoadReport Load(SemanticSamModel network, StateDict weights) =>
        StrictLoader.Load(network, weights, new StrictLoaderOptions { CanonicalName = SharedModules.CanonicalName });

    /// <summary>
    /// The configuration that a published checkpoint is of. The context of the language encoder, the number of levels and of stuff
    /// queries differ between files of one architecture and are taken from the shapes.
    /// </summary>
    /// <exception cref="CheckpointException">Neither Semantic-SAM nor OpenSeeD, or of a backbone that was never published with them.</exception>
    public static ModelConfig ConfigOf(StateDict weights)
    {
        if (Rows(weights, "backbone.patch_embed.proj.weight") is not { } width)
            throw new CheckpointException(weights.Source, "there is no Swin backbone; this is not a checkpoint of Semantic-SAM or OpenSeeD.");
        bool large = width == SwinConfig.L.EmbedDim;
        if (!large && width != SwinConfig.T.EmbedDim)
            throw new CheckpointException(weights.Source, $"the Swin backbone has width {width}; {SwinConfig.T.EmbedDim} (T) and {SwinConfig.L.EmbedDim} (L) are known.");
        var text = Rows(weights, Language + "positional_embedding") is { } context ? new TextConfig { Context = (int)context } : null;

        if (weights.ContainsKey(Predictor + "mask_tokens.weight"))
            return (large ? ModelConfig.SemanticSamSwinL : ModelConfig.SemanticSamSwinT) with { Text = text };
        if (!weights.ContainsKey(Predictor + "enc_output.weight"))
            throw new CheckpointException(weights.Source, "there are neither mask tokens (Semantic-SAM) nor a query selection (OpenSeeD).");
        int levels = (int)(Rows(weights, "sem_seg_head.pixel_decoder.transformer.level_embed") ?? 4);
        int stuff = (int)(Rows(weights, Predictor + "query_feat.weight") ?? 0);
        var like = large ? ModelConfig.OpenSeeDSwinLDecoupled : stuff > 0 ? ModelConfig.OpenSeeDSwinTDecoupled : ModelConfig.OpenSeeDSwinT;
        return like with
        {
            PixelDecoder = like.PixelDecoder with { Levels = levels },
            Decoder = DecoderConfig.OpenSeeD(levels, stuff),
            Text = text,
        };
    }

    private static long? Rows(StateDict weights, string name) => weights.TryGetValue(name, out var tensor) && tensor.Shape.Length > 0 ? tensor.Shape[0] : null;
}
