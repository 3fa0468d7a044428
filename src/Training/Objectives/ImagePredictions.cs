using SemanticSam.Granularity.SemanticSam;
using static TorchSharp.torch;

namespace SemanticSam.Training.Objectives;

/// <summary>What one layer says of one image of a batch.</summary>
internal sealed record ImagePredictions
{
    /// <summary>[prompts * tokens, ...].</summary>
    public required MaskCodes PromptCodes { get; init; }

    /// <summary>[prompts * tokens].</summary>
    public required Tensor PromptIous { get; init; }

    /// <summary>[prompts * tokens, names]; null without names.</summary>
    public Tensor? PromptLogits { get; init; }

    /// <summary>[objects, ...].</summary>
    public required MaskCodes ObjectCodes { get; init; }

    /// <summary>[objects, names]; null without names.</summary>
    public Tensor? ObjectLogits { get; init; }

    /// <summary>[names, ...]; null without names.</summary>
    public MaskCodes? NameCodes { get; init; }

    /// <summary>[names]: how sure each name is of itself; null without names.</summary>
    public Tensor? Presence { get; init; }

    /// <param name="result">All layers of a batch.</param>
    /// <param name="fromLast">0 for the last layer, 1 for the one before it.</param>
    /// <param name="image">Index in the batch.</param>
    /// <param name="wholes">Names of wholes this image is asked for.</param>
    /// <param name="parts">Names of parts.</param>
    public static ImagePredictions Of(DecoderResult result, int fromLast, int image, int wholes, int parts)
    {
        Predictions prompts = result.Prompts[^(fromLast + 1)], objects = result.Objects[^(fromLast + 1)], conditioned = result.Conditioned[^(fromLast + 1)];
        int names = wholes + parts;
        return new()
        {
            PromptCodes = prompts.Codes!.OfImage(image),
            PromptIous = prompts.Ious!.select(0, image).flatten(),
            PromptLogits = names == 0 ? null : Logits(prompts, image, wholes, parts),
            ObjectCodes = objects.Codes!.OfImage(image),
            ObjectLogits = names == 0 ? null : Logits(objects, image, wholes, parts),
            NameCodes = names == 0 ? null : conditioned.Codes!.OfImage(image).Each(t => t.narrow(0, 0, names)),
            Presence = names == 0 ? null : Logits(conditioned, image, wholes, parts).narrow(0, 0, names).diagonal(),
        };
    }

    /// <summary>[Q, names]: wholes through their head, parts through theirs.</summary>
    public static Tensor Logits(Predictions predictions, int image, int wholes, int parts)
    {
        if (parts == 0) return predictions.Logits!.select(0, image).narrow(1, 0, wholes);
        var ofParts = predictions.PartLogits!.select(0, image).narrow(1, 0, parts);
        return wholes == 0 ? ofParts : cat([predictions.Logits!.select(0, image).narrow(1, 0, wholes), ofParts], 1);
    }
}
