using System.IO.Enumeration;
using static TorchSharp.torch;

namespace SemanticSam.Engine.Checkpoints;

/// <summary>What <see cref="StrictLoader"/> tolerates. Patterns may hold '*' for any characters.</summary>
internal sealed class StrictLoaderOptions
{
    /// <summary>
    /// Names of the model that the checkpoint may lack, because the model computes them itself: Swin's index tables and the
    /// counters of BatchNorm, which inference does not use.
    /// </summary>
    public IReadOnlyList<string> AllowedMissing { get; init; } = ["*relative_position_index", "*num_batches_tracked"];

    /// <summary>
    /// Names of the checkpoint that the model may lack: the two above, class weights of training losses, Swin's attention masks,
    /// and the constants of CLIP archives. They carry nothing that inference needs.
    /// </summary>
    public IReadOnlyList<string> AllowedUnexpected { get; init; } =
        ["*relative_position_index", "*num_batches_tracked", "criterion*.empty_weight", "*.attn_mask", "*.position_ids", "input_resolution",
            "context_length", "vocab_size"];

    /// <summary>
    /// Maps a name of the checkpoint that is a second name of a shared tensor to its canonical name, else returns null. The two must hold
    /// the same values; a model need register only the canonical one. Null when there are no such names.
    /// </summary>
    public Func<string, string?>? CanonicalName { get; init; }
}

/// <summary>What was loaded, and what was left out by permission.</summary>
/// <param name="Loaded">Names of the model that got values.</param>
/// <param name="Kept">Allowed missing names, which keep the model's own values.</param>
/// <param name="Ignored">Allowed unexpected names of the checkpoint, and second names of shared tensors.</param>
internal sealed record LoadReport(IReadOnlyList<string> Loaded, IReadOnlyList<string> Kept, IReadOnlyList<string> Ignored);

/// <summary>
/// Loads weights into a module by name, all or nothing: everything is compared first, and only when every name and shape fits are
/// values copied, straight from the mapped file into the module's memory. Floating types are converted to the module's; a rank-0
/// tensor and one of shape [1] fit each other.
/// </summary>
internal static class StrictLoader
{
    /// <summary>Loads a checkpoint into a module.</summary>
    /// <param name="module">Its parameters and persistent buffers are filled.</param>
    /// <param name="checkpoint">An opened checkpoint; weights are found by <see cref="StateDict.From"/>.</param>
    /// <param name="options">What is tolerated; null for the defaults.</param>
    /// <exception cref="StateDictMismatchException">Names or shapes do not fit; nothing was changed.</exception>
    /// <exception cref="CheckpointException">
    /// The checkpoint has no weights, second names of a tensor differ in value, or values are not finite or all zero (which is seen only after they were
    /// copied).
    /// </exception>
    public static LoadReport Load(nn.Module module, ICheckpoint checkpoint, StrictLoaderOptions? options = null)
        => Load(module, StateDict.From(checkpoint), options);

    /// <summary>Loads weights, perhaps renamed, into a module.</summary>
    /// <inheritdoc cref="Load(nn.Module, ICheckpoint, StrictLoaderOptions?)"/>
    public static LoadReport Load(nn.Module module, StateDict weights, StrictLoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(weights);
        return Load(module.state_dict(), weights, options ?? new());
    }

    private static LoadReport Load(Dictionary<string, Tensor> targets, StateDict weights, StrictLoaderOptions options)
    {
        var plan = new List<(Tensor Target, CheckpointTensor Source)>();
        var (loaded, kept, missing, mismatched) = (new List<string>(), new List<string>(), new List<string>(), new List<string>());
        foreach (var (name, target) in targets)
        {
            string? canonical = options.CanonicalName?.Invoke(name);
            if (!weights.TryGetValue(name, out var source) && (canonical is null || !weights.TryGetValue(canonical, out source)))
            {
                (Matches(options.AllowedMissing, name) ? kept : missing).Add(name);
                continue;
            }
            if (Difference(name, target, source) is { } difference) mismatched.Add(difference);
            plan.Add((target, source));
            loaded.Add(name);
        }
        var (ignored, unexpected) = (new List<string>(), new List<string>());
        foreach (string name in weights.Keys.Where(n => !targets.ContainsKey(n)))
        {
            bool second = options.CanonicalName?.Invoke(name) is { } canonical && canonical != name && weights.ContainsKey(canonical);
            (second || Matches(options.AllowedUnexpected, name) ? ignored : unexpected).Add(name);
        }
        if (missing.Count + unexpected.Count + mismatched.Count > 0) throw new StateDictMismatchException(weights.Source, missing, unexpected, mismatched);
        if (options.CanonicalName is { } alias) CheckAliases(weights, alias);
        foreach (var (target, source) in plan) CheckpointTorch.Fill(target, source);
        FiniteWeights.Require(weights.Source, plan.Select(p => (p.Source.Name, p.Target)));
        return new(loaded, kept, ignored);
    }

    private static string? Difference(string name, Tensor target, CheckpointTensor source)
    {
        var wanted = CheckpointTorch.DTypeOf(target.dtype);
        long[] shape = target.shape;
        bool sameShape = source.Shape.SequenceEqual(shape)
            || (source.ElementCount == 1 && source.Shape.Length <= 1 && shape.Length <= 1 && target.numel() == 1);
        bool sameType = wanted == source.DType || (wanted.IsFloat() && source.DType.IsFloat());
        return sameShape && sameType ? null : $"{name}: the model has {wanted.Code()} {CheckpointTensor.ShapeText(shape)}, the file {source.Describe()}";
    }

    /// <summary>Names of one shared tensor must agree, else it would depend on the order of loading which value counts.</summary>
    private static void CheckAliases(StateDict weights, Func<string, string?> canonicalName)
    {
        foreach (string name in weights.Keys)
        {
            if (canonicalName(name) is not { } canonical || canonical == name || !weights.TryGetValue(canonical, out var first)) continue;
            var second = weights[name];
            if (second.DType != first.DType || !second.Shape.SequenceEqual(first.Shape) || !second.ToBytes().AsSpan().SequenceEqual(first.ToBytes()))
                throw new CheckpointException(weights.Source, $"'{name}' and '{canonical}' are names of one shared tensor, but differ.");
        }
    }

    private static bool Matches(IReadOnlyList<string> patterns, string name)
        => patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, name, ignoreCase: false));
}
