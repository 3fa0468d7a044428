using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>The losses of a step.</summary>
internal sealed class NanoObjective(NanoModel model, Tensor sentences, NanoSampleOptions options)
{
    private const double PixelWeight = 4, DiceWeight = 2, PresenceWeight = 0.6, PlaceWeight = 0.5, TextNoise = 0.012;

    private readonly PlaceObjective _places = new(model, options);

    /// <summary>The loss to go back from, and its components for the log.</summary>
    public (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Run(NanoBatch batch, Device device)
    {
        var tensors = batch.ToTensors(device);
        var features = model.Encode(tensors.Images, tensors.CoarseValid);
        var words = Words(features, tensors);
        var places = _places.Run(features, tensors, batch, device);
        return (words.Pixels * PixelWeight + words.Dice * DiceWeight + words.Presence * PresenceWeight + places.Loss * PlaceWeight,
            [("pixels", words.Pixels), ("dice", words.Dice), ("presence", words.Presence), .. places.Parts]);
    }

    private (Tensor Pixels, Tensor Dice, Tensor Presence) Words(NanoFeatures features, NanoTensors batch)
    {
        Tensor text = sentences.index_select(0, batch.Rows.flatten()).view(batch.Rows.shape[0], batch.Rows.shape[1], -1); // [B, N, width]
        text = nn.functional.normalize(text + randn_like(text) * TextNoise, 2, -1); // neighbors of a phrase mean the same
        Tensor names = model.Names(text);
        Tensor logits = model.Words(features, names); // [B, N, cells]
        Tensor valid = batch.Valid.unsqueeze(1); // [B, 1, cells]
        Tensor asked = batch.Asked.sum().clamp_min(1);
        Tensor entropy = nn.functional.binary_cross_entropy_with_logits(logits, batch.Masks, reduction: nn.Reduction.None);
        Tensor pixels = ((entropy * valid).sum(-1) / valid.sum(-1).clamp_min(1) * batch.Asked).sum() / asked;
        Tensor share = logits.sigmoid() * valid;
        Tensor dice = 1 - (2 * (share * batch.Masks).sum(-1) + 1) / (share.sum(-1) + batch.Masks.sum(-1) + 1); // [B, N]
        Tensor presence = nn.functional.binary_cross_entropy_with_logits(model.Presence(features, names), batch.Present, reduction: nn.Reduction.None);
        return (pixels, (dice * batch.Present).sum() / batch.Present.sum().clamp_min(1), (presence * batch.Asked).sum() / asked);
    }
}
