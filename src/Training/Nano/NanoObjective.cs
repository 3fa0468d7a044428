using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>The losses of a step.</summary>
internal sealed class NanoObjective(NanoModel model, Tensor sentences, NanoSampleOptions options)
{
    private const double PixelWeight = 4, DiceWeight = 2, PresenceWeight = 0.6, PlaceWeight = 0.7;

    private readonly PlaceObjective _places = new(model, options);

    /// <summary>The loss to go back from, and its components for the log.</summary>
    public (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Run(NanoBatch batch, Device device)
    {
        var tensors = batch.ToTensors(device);
        var features = model.Encode(tensors.Images, tensors.CoarseValid);
        var words = WordLoss.Of(model, features, sentences, tensors);
        var places = _places.Run(features, tensors, batch, device);
        return (words.Pixels * PixelWeight + words.Dice * DiceWeight + words.Presence * PresenceWeight + places.Loss * PlaceWeight,
            [("pixels", words.Pixels), ("dice", words.Dice), ("presence", words.Presence), .. places.Parts]);
    }
}
