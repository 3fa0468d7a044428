using static TorchSharp.torch;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>
/// The mean of several trainings' weights ("model soups", Wortsman et al., arXiv 2203.05482). Trainings that went on from the same weights often end in one
/// basin of the loss, where the mean generalizes better than each of them; those of unrelated trainings do not.
/// </summary>
internal static class AveragedWeights
{
    /// <summary>The mean of each tensor, reckoned in float64.</summary>
    /// <param name="files">At least one; all of the same names and shapes. A file that is there twice counts twice.</param>
    /// <returns>Tensors by name, the caller's; floating ones as float32, others as the first file has them.</returns>
    /// <exception cref="CheckpointException">A file is of another network than the first.</exception>
    public static Dictionary<string, Tensor> Of(IReadOnlyList<ICheckpoint> files)
    {
        var first = files[0];
        foreach (var other in files.Skip(1)) Compare(first, other);
        return first.Tensors.ToDictionary(t => t.Name, t => Mean([.. files.Select(f => f.TryGet(t.Name, out var own) ? own : t)]));
    }

    private static Tensor Mean(CheckpointTensor[] tensors)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (!tensors[0].DType.IsFloat()) return tensors[0].ToTensor().MoveToOuterDisposeScope();
        var sum = tensors[0].ToTensor(ScalarType.Float64);
        foreach (var tensor in tensors.Skip(1)) sum.add_(tensor.ToTensor(ScalarType.Float64));
        return sum.div_(tensors.Length).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private static void Compare(ICheckpoint first, ICheckpoint other)
    {
        foreach (var tensor in first.Tensors)
        {
            if (!other.TryGet(tensor.Name, out var own)) throw Another(first, other, $"it lacks '{tensor.Name}'");
            if (!own.Shape.SequenceEqual(tensor.Shape) || own.DType.IsFloat() != tensor.DType.IsFloat())
                throw Another(first, other, $"'{tensor.Name}' is {own.Describe()} instead of {tensor.Describe()}");
        }
        if (other.Tensors.FirstOrDefault(t => !first.TryGet(t.Name, out _)) is { } more) throw Another(first, other, $"it also has '{more.Name}'");
    }

    private static CheckpointException Another(ICheckpoint first, ICheckpoint other, string how) =>
        new(other.Path, $"its weights cannot be averaged with those of {first.Path}: {how}.");
}
