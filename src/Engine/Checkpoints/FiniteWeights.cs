using static TorchSharp.torch;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>
/// Weights that are no numbers give masks of area 0 without a word, and weights that are all zero give the same for every image: both come of a training that
/// went wrong or a file that was, and both are refused by name.
/// </summary>
internal static class FiniteWeights
{
    /// <summary>Looks at tensors after they were filled.</summary>
    /// <param name="source">Their file.</param>
    /// <param name="tensors">Names and tensors, on any device.</param>
    /// <exception cref="CheckpointException">One is not finite, or no matrix of several has a number other than 0.</exception>
    public static void Require(string source, IEnumerable<(string Name, Tensor Value)> tensors)
    {
        using var quiet = no_grad();
        bool any = false;
        int matrices = 0;
        foreach (var (name, tensor) in tensors)
        {
            if (!tensor.is_floating_point() || tensor.numel() == 0) continue;
            Require(source, name, tensor);
            if (tensor.dim() < 2) continue;
            matrices++;
            any = any || IsAnywhere(tensor);
        }
        if (matrices > 1 && !any)
            throw new CheckpointException(source, $"all {matrices} matrices of its weights are zero: nothing was learned, or nothing was saved.");
    }

    /// <summary>As the other, of one tensor.</summary>
    public static void Require(string source, string name, Tensor tensor)
    {
        if (IsFinite(tensor)) return;
        using var scope = NewDisposeScope();
        long wrong = tensor.numel() - tensor.isfinite().sum().item<long>();
        string kind = tensor.isnan().any().item<bool>() ? "NaN" : "infinity";
        throw new CheckpointException(source,
            $"the tensor '{name}' holds {kind}: {wrong} of its {tensor.numel()} values are not finite. The training that wrote the file has failed; take an " +
                $"earlier checkpoint.");
    }

    /// <summary>Whether all values are finite.</summary>
    public static bool IsFinite(Tensor tensor)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        // A sum is finite only if all values are; it may also overflow, and then each is looked at.
        if (double.IsFinite(tensor.sum().to(ScalarType.Float64).item<double>())) return true;
        return tensor.isfinite().all().item<bool>();
    }

    private static bool IsAnywhere(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.count_nonzero().item<long>() > 0;
    }
}
