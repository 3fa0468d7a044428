using SemanticSam.Masks;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>The annotated instances of one image, as the network sees it.</summary>
/// <param name="Boxes">In pixels of the network's input.</param>
/// <param name="Labels">Index of the class of each.</param>
/// <param name="Masks">[N, side, side] bytes, 0 or 1.</param>
internal sealed record InstanceTruth(IReadOnlyList<BoxF> Boxes, IReadOnlyList<int> Labels, Tensor Masks) : IDisposable
{
    /// <summary>Instances.</summary>
    public int Count => Boxes.Count;

    public void Dispose() => Masks.Dispose();
}
