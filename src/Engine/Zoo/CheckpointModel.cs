using SemanticSam.Engine.Checkpoints;
using SemanticSam.Engine.Sessions;
using SemanticSam.Engine.Sessions.Sam;
using SemanticSam.Engine.Sessions.SemanticSam;
using SemanticSam.Foundation;
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
    public static bool HasSessions(ModelFamily family) => family is not ModelFamily.Clip;

    /// <summary>Loads a checkpoint of Semantic-SAM, OpenSeeD, SAM or MobileSAM.</summary>
    /// <exception cref="CheckpointException">The file is damaged or foreign, the weights do not fit, or there are no sessions for its family yet.</exception>
    public static Segmenter Load(string path, torch.Device device) => ModelFault.Guard(path, () => LoadUnguarded(path, device));

    private static Segmenter LoadUnguarded(string path, torch.Device device)
    {
        using var checkpoint = Checkpoint.Open(path);
        var (weights, recognized) = KnownWeights.Of(checkpoint);
        if (recognized is null) throw new CheckpointException(weights.Source, KnownWeights.WhyUnknown(weights));
        var found = WithSessions(recognized, weights.Source);
        if (IsSam(found.Family))
        {
            var sam = SamCheckpoint.Open(found, weights);
            sam.to(device);
            return new SamSegmenter(sam, FileHash.Sha256(path), device);
        }
        var network = SemanticSamCheckpoint.Open(weights);
        network.to(device);
        var settings = new InferenceSettings();
        var names = network.LanguageEncoder is { } encoder
            ? new NameEncoder(new Vocabulary(encoder, ClipTokenizer.Instance, new TextContext(network.Config.Text!.Context, TextPadding.EndToken)),
                encoder.LogitScale, settings) : null;
        return new SemanticSamSegmenter(network, settings, FileHash.Sha256(path), names, device);
    }

    /// <summary>Whether weights load: null when they do, else why not.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="found">What <see cref="ModelRecognizer"/> says of them.</param>
    public static string? WhyNot(StateDict weights, Recognition? found)
    {
        if (found is null) return KnownWeights.WhyUnknown(weights);
        try
        {
            using var network = ModelFault.Guard<torch.nn.Module>(weights.Source,
                () => IsSam(WithSessions(found, weights.Source).Family) ? SamCheckpoint.Open(found!, weights) : SemanticSamCheckpoint.Open(weights));
            return null;
        }
        catch (CheckpointException e)
        {
            return e.What;
        }
    }

    /// <summary>A file that there are no sessions for is refused by what it is.</summary>
    /// <exception cref="CheckpointException">It is not known, or there are no sessions for it.</exception>
    internal static Recognition WithSessions(Recognition? found, string source)
    {
        if (found is null) throw new CheckpointException(source, "its tensors are not those of a model that is known here.");
        return found.Family switch
        {
            ModelFamily.RsPrompter => throw new CheckpointException(source,
                $"these are weights of {found.Architecture}, whose classes and frozen model lie beside them: load the folder that holds config.json instead " +
                    $"of the file."),
            ModelFamily.Nano => throw new CheckpointException(source,
                "these are weights of semsam-nano, whose sizes and vocabulary lie beside them: load the folder that holds config.json instead of the file."),
            var family when HasSessions(family) => found,
            _ => throw new CheckpointException(source,
            $"this is {found.Family} {found.Architecture}, which is recognized, but there are no sessions for it yet."),
        };
    }

    private static bool IsSam(ModelFamily family) => family is ModelFamily.Sam or ModelFamily.MobileSam;
}
