using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Foundation;
using SemanticSam.Granularity.SemanticSam;
using SemanticSam.TextEncoder.Encoder;
using SemanticSam.TextEncoder.Names;
using SemanticSam.TextEncoder.Tokenizer;
using TorchSharp;

namespace SemanticSam.Engine.Zoo;

/// <summary>
/// From a checkpoint as its authors publish it to a model: what it is follows from its tensors, so no configuration file is needed.
/// </summary>
internal static class CheckpointModel
{
    /// <summary>Whether there are sessions for models of a family.</summary>
    public static bool HasSessions(ModelFamily family) => family is ModelFamily.Nano or ModelFamily.SemanticSam or ModelFamily.OpenSeeD || IsSam(family);

    private static bool IsSam(ModelFamily? family) => family is ModelFamily.Sam or ModelFamily.MobileSam;

    /// <summary>Loads a checkpoint of Semantic-SAM, OpenSeeD, SAM or MobileSAM.</summary>
    /// <exception cref="CheckpointException">The file is damaged or foreign, the weights do not fit, or there are no sessions for its family yet.</exception>
    public static Segmenter Load(string path, torch.Device device)
    {
        using var checkpoint = Checkpoint.Open(path);
        var weights = StateDict.From(checkpoint);
        if (IsSam(ModelRecogniser.Recognise(weights)?.Family))
        {
            var sam = SamWeights.Open(weights);
            sam.to(device);
            return new SamSegmenter(sam, FileHash.Sha256(path), device);
        }
        var config = Configuration(weights);
        var model = Build(config, weights);
        model.to(device);
        string sha256 = FileHash.Sha256(path);
        var settings = new InferenceSettings();
        var names = model.LanguageEncoder is { } encoder ? new NameEncoder(new Vocabulary(encoder, ClipTokenizer.Instance, new TextContext(config.Text!.Context, TextPadding.EndToken)), encoder.LogitScale, settings) : null;
        return new SemanticSamSegmenter(model, settings, sha256, names, device);
    }

    /// <summary>Whether the weights load: null when they do, else why not.</summary>
    public static string? WhyNot(StateDict weights)
    {
        try
        {
            using torch.nn.Module model = IsSam(ModelRecogniser.Recognise(weights)?.Family) ? SamWeights.Open(weights) : Build(Configuration(weights), weights);
            return null;
        }
        catch (CheckpointException e)
        {
            return e.What;
        }
    }

    /// <summary>The configuration that the tensors call for; a file of another family is refused by what it is.</summary>
    /// <exception cref="CheckpointException">They call for none that this project has sessions for.</exception>
    internal static ModelConfig Configuration(StateDict weights)
    {
        var found = ModelRecogniser.Recognise(weights)
            ?? throw new CheckpointException(weights.Source, "its tensors are those of no model that is known here.");
        return found.Family switch
        {
            ModelFamily.SemanticSam or ModelFamily.OpenSeeD => ModelWeights.ConfigOf(weights),
            ModelFamily.Nano => throw new CheckpointException(weights.Source, "these are weights of semsam-nano, whose sizes and vocabulary lie beside them: name the folder that holds config.json instead of the file."),
            _ => throw new CheckpointException(weights.Source, $"this is {found.Family} {found.Architecture}, which is recognised, but there are no sessions for it yet."),
        };
    }

    private static SemanticSamModel Build(ModelConfig config, StateDict weights)
    {
        var model = new SemanticSamModel(config);
        try
        {
            ModelWeights.Load(model, weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
