using static TorchSharp.torch;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>
/// Matrices as whole numbers of 8 bits with one scale a row: a tensor X of a file is then X (I8) and X.scale (F32), value = X * scale.
/// Half the size of float16, and near enough for a text encoder.
/// </summary>
internal static class Int8Rows
{
    private const string Scale = ".scale";
    private const int Most = 127;

    /// <summary>Tensors to write: matrices of floating numbers in rows of 8 bits, all others as they are. The caller disposes them.</summary>
    public static Dictionary<string, Tensor> Pack(IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var quiet = no_grad();
        var packed = new Dictionary<string, Tensor>();
        foreach (var (name, value) in tensors)
        {
            using var scope = NewDisposeScope();
            if (value.dim() != 2 || !value.is_floating_point())
            {
                packed[name] = value.clone().MoveToOuterDisposeScope();
                continue;
            }
            Tensor matrix = value.to(ScalarType.Float32), scale = matrix.abs().amax([1], keepdim: true).clamp_min(1e-12) / Most; // [rows, 1]
            packed[name] = (matrix / scale).round().to(ScalarType.Int8).MoveToOuterDisposeScope();
            packed[name + Scale] = scale.squeeze(1).MoveToOuterDisposeScope();
        }
        return packed;
    }

    /// <summary>Fills a module: every tensor of it is in the file, packed or plain, and nothing else is.</summary>
    /// <exception cref="CheckpointException">A tensor is missing, has another shape, or belongs to nothing.</exception>
    public static void Load(nn.Module module, ICheckpoint file)
    {
        using var scope = NewDisposeScope();
        var targets = module.state_dict();
        var strays = file.Tensors.Select(t => t.Name)
            .Where(n => !targets.ContainsKey(n) && !(n.EndsWith(Scale, StringComparison.Ordinal) && targets.ContainsKey(n[..^Scale.Length])));
        if (strays.FirstOrDefault() is { } stray) throw new CheckpointException(file.Path, $"'{stray}' belongs to nothing in this network.");
        foreach (var (name, target) in targets) Fill(file, name, target);
    }

    /// <summary>Fills a tensor from a file, which may hold it packed or plain.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or one of another shape.</exception>
    public static void Fill(ICheckpoint file, string name, Tensor target)
    {
        if (!file.TryGet(name, out var source)) throw new CheckpointException(file.Path, $"there is no '{name}'.");
        if (!source.Shape.SequenceEqual(target.shape))
            throw new CheckpointException(file.Path, $"'{name}' is {source.Describe()}, not [{string.Join(", ", target.shape)}].");
        using var quiet = no_grad();
        if (!file.TryGet(name + Scale, out var scale))
        {
            CheckpointTorch.Fill(target, source);
            FiniteWeights.Require(file.Path, name, target);
            return;
        }
        using var scope = NewDisposeScope();
        target.copy_(source.ToTensor().to(ScalarType.Float32) * scale.ToTensor().unsqueeze(1));
        FiniteWeights.Require(file.Path, name, target);
    }
}
