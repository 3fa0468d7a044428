using static TorchSharp.torch;

namespace SemanticSam.Training.Nano;

/// <summary>What a training of the embedded model makes smaller.</summary>
internal interface INanoObjective
{
    /// <summary>Updates of the weights that are made of a batch.</summary>
    int Updates { get; }

    /// <summary>Begins with a batch; tensors live in the dispose scope of the caller, as long as updates are asked.</summary>
    /// <returns>For an update from 0 the loss to go back from, and its components for the log.</returns>
    Func<int, (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts)> Begin(NanoBatch batch, Device device);
}
