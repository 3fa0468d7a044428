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
        var config = ConfigOf(weights);
        ModelLimits.Require(config, weights.Source);
        ModelLimits.RequireParameters(ModelLimits.ParametersAtLeast(config), weights.Values, weights.Source);
        var network = new SemanticSamModel(config);
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
        if (Rows(weights, "backbone.patch_embed.proj.weight", 1, 1024) is not { } width)
            throw new CheckpointException(weights.Source, "there is no Swin backbone; this is not a checkpoint of Semantic-SAM or OpenSeeD.");
        bool large = width == SwinConfig.L.EmbedDim;
        if (!large && width != SwinConfig.T.EmbedDim)
            throw new CheckpointException(weights.Source,
                $"the Swin backbone has width {width}; {SwinConfig.T.EmbedDim} (T) and {SwinConfig.L.EmbedDim} (L) are known.");
        var text = Rows(weights, Language + "positional_embedding", 2, 77) is { } context ? new TextConfig { Context = context } : null;

        if (weights.ContainsKey(Predictor + "mask_tokens.weight"))
            return (large ? ModelConfig.SemanticSamSwinL : ModelConfig.SemanticSamSwinT) with { Text = text };
        if (!weights.ContainsKey(Predictor + "enc_output.weight"))
            throw new CheckpointException(weights.Source, "there are neither mask tokens (Semantic-SAM) nor a query selection (OpenSeeD).");
        int levels = Rows(weights, "sem_seg_head.pixel_decoder.transformer.level_embed", 4, 5) ?? 4;
        int stuff = Rows(weights, Predictor + "query_feat.weight", 1, 1000) ?? 0;
        var like = large ? ModelConfig.OpenSeeDSwinLDecoupled : stuff > 0 ? ModelConfig.OpenSeeDSwinTDecoupled : ModelConfig.OpenSeeDSwinT;
        return like with
        {
            PixelDecoder = like.PixelDecoder with { Levels = levels },
            Decoder = DecoderConfig.OpenSeeD(levels, stuff),
            Text = text,
        };
    }

    /// <summary>Rows of a tensor that sizes the network: within what was published, and not of a tensor without values, whose shape can claim
    /// anything.</summary>
    private static int? Rows(StateDict weights, string name, int least, int most)
    {
        if (!weights.TryGetValue(name, out var tensor) || tensor.Shape.Length == 0) return null;
        if (tensor.Shape[0] < least || tensor.Shape[0] > most || tensor.ElementCount == 0)
            throw new CheckpointException(weights.Source, $"'{name}' is {tensor.Describe()}; it needs {least} to {most} rows, and values in them.");
        return (int)tensor.Shape[0];
    }
}
