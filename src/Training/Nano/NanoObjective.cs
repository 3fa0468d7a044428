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
        if (options.Clicks == 0) return WordsAlone(tensors);
        var features = model.Encode(tensors.Images, tensors.CoarseValid);
        var words = WordLoss.Of(model, features, sentences, tensors);
        var places = _places.Run(features, tensors, batch, device);
        return (Loss(words) + places.Loss * PlaceWeight, [.. Parts(words), .. places.Parts]);
    }

    /// <summary>The pyramid stands still; what is made of it for words learns.</summary>
    private (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) WordsAlone(NanoTensors tensors)
    {
        NanoFeatures encoded;
        using (no_grad())
        {
            var (levels, global) = model.Pyramid(tensors.Images, tensors.CoarseValid);
            encoded = new(levels, global, levels[0]);
        }
        var words = WordLoss.Of(model, model.Embed(encoded), sentences, tensors);
        return (Loss(words), Parts(words));
    }

    private static Tensor Loss((Tensor Pixels, Tensor Dice, Tensor Presence) words) =>
        words.Pixels * PixelWeight + words.Dice * DiceWeight + words.Presence * PresenceWeight;

    private static (string, Tensor)[] Parts((Tensor Pixels, Tensor Dice, Tensor Presence) words) =>
        [("pixels", words.Pixels), ("dice", words.Dice), ("presence", words.Presence)];
}
