using SemanticSam.Engine.Checkpoints;
using SemanticSam.Granularity.Sam;

namespace SemanticSam.Engine.Zoo;

/// <summary>Published checkpoints of SAM and MobileSAM into models: what they are is read off the file, every name and shape must fit.</summary>
internal static class SamWeights
{
    /// <summary>A model with these weights.</summary>
    /// <param name="weights">Of SAM (with its authors' names or those of transformers) or MobileSAM.</param>
    /// <exception cref="StateDictMismatchException">Names or shapes do not fit the architecture that the file seems to be of.</exception>
    /// <exception cref="CheckpointException">The file is of another family.</exception>
    public static SamModel Open(StateDict weights)
    {
        var model = new SamModel(ConfigOf(weights));
        try
        {
            Load(model, weights);
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Fills a model, all or nothing; weights with the names of transformers are renamed on the way.</summary>
    /// <exception cref="StateDictMismatchException">Missing and unexpected names and other shapes, listed; nothing was changed.</exception>
    public static LoadReport Load(SamModel model, StateDict weights)
    {
        bool renamed = ModelRecogniser.Recognise(weights)?.Style == NameStyle.HuggingFace;
        return StrictLoader.Load(model, renamed ? HuggingFaceNames.Sam(weights) : weights);
    }

    /// <summary>The configuration that a published checkpoint is of.</summary>
    /// <exception cref="CheckpointException">Neither SAM nor MobileSAM, or of sizes that were never published.</exception>
    public static SamConfig ConfigOf(StateDict weights)
    {
        var found = ModelRecogniser.Recognise(weights);
        return found switch
        {
            { Family: ModelFamily.Sam, Architecture: "ViT-B" } => SamConfig.VitB,
            { Family: ModelFamily.Sam, Architecture: "ViT-L" } => SamConfig.VitL,
            { Family: ModelFamily.Sam, Architecture: "ViT-H" } => SamConfig.VitH,
            { Family: ModelFamily.MobileSam, Architecture: "TinyViT" } => SamConfig.MobileSam,
            { Family: ModelFamily.Sam or ModelFamily.MobileSam } =>
                throw new CheckpointException(weights.Source, $"this is a {found.Architecture} of sizes that are not known; ViT-B, ViT-L, ViT-H and MobileSAM's TinyViT are."),
            _ => throw new CheckpointException(weights.Source, "this is no checkpoint of SAM or MobileSAM."),
        };
    }
}
