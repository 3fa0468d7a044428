using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Sam;

namespace SemanticSam.Engine.Zoo;

/// <summary>Published checkpoints of SAM and MobileSAM into networks: what they are was recognized from the file, every name and shape must fit.</summary>
internal static class SamCheckpoint
{
    /// <summary>A network with these weights.</summary>
    /// <param name="found">What the weights are.</param>
    /// <param name="weights">Of SAM (with its authors' names or those of transformers) or MobileSAM.</param>
    /// <param name="imageSize">Side of the image that it shall see; null for the one that it was trained on.</param>
    /// <exception cref="StateDictMismatchException">Names or shapes do not fit the architecture that the file seems to be of.</exception>
    /// <exception cref="CheckpointException">The file is of another family, or of sizes that were never published.</exception>
    public static SamModel Open(Recognition found, StateDict weights, int? imageSize = null)
    {
        var named = found.Style == NameStyle.HuggingFace ? HuggingFaceNames.Sam(weights) : weights;
        var config = SamPositions.Sized(ConfigOf(found, weights), named);
        if (imageSize is { } side) (config, named) = SamPositions.At(config, named, side);
        ModelLimits.RequireParameters(ModelLimits.ParametersAtLeast(config), named.Values, weights.Source);
        var network = new SamModel(config);
        try
        {
            SamPositions.Load(network, named);
            network.eval();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Fills a network, all or nothing; weights with the names of transformers are renamed on the way.</summary>
    /// <exception cref="StateDictMismatchException">Missing and unexpected names and other shapes, listed; nothing was changed.</exception>
    public static LoadReport Load(SamModel network, StateDict weights, NameStyle style) =>
        StrictLoader.Load(network, style == NameStyle.HuggingFace ? HuggingFaceNames.Sam(weights) : weights);

    /// <summary>The configuration that a published checkpoint is of.</summary>
    /// <param name="found">What the weights are.</param>
    /// <param name="weights">The weights; sizes that were never published are read off their shapes.</param>
    /// <exception cref="CheckpointException">Neither SAM nor MobileSAM, or a MobileSAM of sizes that were never published.</exception>
    public static SamConfig ConfigOf(Recognition found, StateDict weights) => found switch
    {
        { Family: ModelFamily.Sam, Architecture: "ViT-B" } => SamConfig.VitB,
        { Family: ModelFamily.Sam, Architecture: "ViT-L" } => SamConfig.VitL,
        { Family: ModelFamily.Sam, Architecture: "ViT-H" } => SamConfig.VitH,
        { Family: ModelFamily.MobileSam, Architecture: "TinyViT" } => SamConfig.MobileSam,
        { Family: ModelFamily.Sam, Style: NameStyle.Original } => SamShapes.ConfigOf(weights),
        { Family: ModelFamily.Sam or ModelFamily.MobileSam } =>
            throw new CheckpointException(weights.Source,
                $"its encoder has sizes that are not known ({found.Architecture}); those of ViT-B, ViT-L, ViT-H and MobileSAM's TinyViT are."),
        _ => throw new CheckpointException(weights.Source, "this is not a checkpoint of SAM or MobileSAM."),
    };
}
