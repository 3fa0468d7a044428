using SemanticSam.Granularity.Nano;
using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>The losses of a step.</summary>
internal sealed class NanoObjective(NanoModel model, Tensor sentences, NanoSampleOptions options) : INanoObjective
{
    private const double PixelWeight = 4, DiceWeight = 2, PresenceWeight = 0.6, PlaceWeight = 0.7;

    private readonly PlaceObjective _places = new(model, options);

    /// <inheritdoc/>
    public int Updates => 1;

    /// <inheritdoc/>
    public Func<int, (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts)> Begin(NanoBatch batch, Device device) => _ => Run(batch, device);

    private (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Run(NanoBatch batch, Device device)
    {
        var tensors = batch.ToTensors(device);
        var features = model.Encode(tensors.Images, tensors.CoarseValid);
        var words = WordLoss.Of(model, features, sentences, tensors);
        var places = _places.Run(features, tensors, batch, device);
        return (Loss(words) + places.Loss * PlaceWeight, [.. Parts(words), .. places.Parts]);
    }

    /// <summary>The losses of words as one.</summary>
    internal static Tensor Loss((Tensor Pixels, Tensor Dice, Tensor Presence) words) =>
        words.Pixels * PixelWeight + words.Dice * DiceWeight + words.Presence * PresenceWeight;

    /// <summary>The same for the log.</summary>
    internal static (string, Tensor)[] Parts((Tensor Pixels, Tensor Dice, Tensor Presence) words) =>
        [("pixels", words.Pixels), ("dice", words.Dice), ("presence", words.Presence)];
}
