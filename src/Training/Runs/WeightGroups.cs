using SemanticSam.Granularity.SemanticSam;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Training.Runs;

/// <summary>A model's tensors under their one name each, and which of them decay.</summary>
internal sealed class WeightGroups
{
    private static readonly string[] Undecayed = ["embedding", "mask_tokens", "label_enc"];

    /// <param name="model">Frozen parameters are none of its weights here.</param>
    public WeightGroups(nn.Module model)
    {
        var frozen = model.named_parameters().Where(p => !p.parameter.requires_grad).Select(p => p.name).ToHashSet();
        foreach (var (name, tensor) in model.state_dict())
            if (SharedModules.CanonicalName(name) is null && !frozen.Contains(name)) All[name] = tensor;
        foreach (var (name, parameter) in model.named_parameters())
            if (parameter.requires_grad) Parameters.TryAdd(SharedModules.CanonicalName(name) ?? name, parameter);
    }

    /// <summary>Parameters and buffers.</summary>
    public SortedDictionary<string, Tensor> All { get; } = new(StringComparer.Ordinal);

    /// <summary>Parameters.</summary>
    public SortedDictionary<string, Parameter> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>Matrices and kernels; not norms, biases, embeddings.</summary>
    public static bool Decays(string name, Tensor parameter) => parameter.dim() >= 2 && !Undecayed.Any(u => name.Contains(u, StringComparison.Ordinal));
}
