using static TorchSharp.torch;

namespace SemanticSam.Granularity.Sam;

/// <summary>Which layers of an encoder get low-rank adapters, and of what size.</summary>
internal sealed record LowRankOptions
{
    /// <summary>Names of layers that adapters can be attached to.</summary>
    public static readonly IReadOnlyList<string> Known = ["qkv", "proj", "lin1", "lin2"];

    /// <summary>Numbers between an adapter's two matrices.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>Over the rank what an adapter's answer is multiplied by.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Share of the input that an adapter does not see in training.</summary>
    public double Dropout { get; init; } = 0.05;

    /// <summary>Names of the layers in each block.</summary>
    public IReadOnlyList<string> Targets { get; init; } = ["qkv"];

    /// <exception cref="ArgumentException">A number or a name is not allowed; the message says what is.</exception>
    public void Validate()
    {
        if (Rank is < 1 or > 1024) throw new ArgumentException($"The rank is 1 to 1024; it is {Rank}.");
        if (!(Alpha > 0 && double.IsFinite(Alpha))) throw new ArgumentException($"Alpha is positive; it is {Alpha}.");
        if (!(Dropout is >= 0 and < 1)) throw new ArgumentException($"The dropout is 0 to below 1; it is {Dropout}.");
        if (Targets.Count == 0 || Targets.FirstOrDefault(t => !Known.Contains(t)) is { } unknown && unknown.Length > 0)
            throw new ArgumentException(
                $"Adapters can be attached to {string.Join(", ", Known)}; asked for are {string.Join(", ", Targets.DefaultIfEmpty("none"))}.");
    }
}

/// <summary>Low-rank adapters (LoRA, arXiv 2106.09685) in an image encoder.</summary>
internal static class LowRankAdapters
{
    private const string Down = ".lora_A.weight", Up = ".lora_B.weight";

    /// <summary>Attaches adapters to all layers of an encoder's blocks that have one of the names.</summary>
    /// <returns>Names and numbers of what is to be trained.</returns>
    /// <exception cref="ArgumentException">The options are not allowed, or the encoder has no such layer.</exception>
    public static IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Parameter)> Attach(nn.Module encoder, LowRankOptions options)
    {
        options.Validate();
        foreach (var layer in Layers(encoder, options.Targets).ToArray()) layer.Attach(options.Rank, options.Alpha, options.Dropout);
        var attached = encoder.named_parameters().Where(p => IsAdapter(p.name)).ToList();
        return attached.Count > 0 ? attached : throw new ArgumentException($"The encoder has no layer {string.Join(" or ", options.Targets)}.");
    }

    /// <summary>Whether a tensor is of an adapter.</summary>
    public static bool IsAdapter(string name) => name.EndsWith(Down, StringComparison.Ordinal) || name.EndsWith(Up, StringComparison.Ordinal);

    /// <summary>An encoder's weights as if it never had adapters, which are in the layers' own weights; by the names of a plain encoder.</summary>
    /// <returns>In the caller's dispose scope; what was not adapted shares storage with the encoder.</returns>
    public static Dictionary<string, Tensor> Merged(nn.Module encoder)
    {
        var layers = encoder.named_modules().Where(m => m.module is AdaptableLinear { IsAdapted: true })
            .ToDictionary(m => m.name + ".weight", m => (AdaptableLinear)m.module);
        return encoder.state_dict().Where(e => !IsAdapter(e.Key))
            .ToDictionary(e => e.Key, e => layers.TryGetValue(e.Key, out var layer) ? layer.Merged() : e.Value);
    }

    private static IEnumerable<AdaptableLinear> Layers(nn.Module encoder, IReadOnlyList<string> targets) =>
        encoder.named_modules().Where(m => m.module is AdaptableLinear && m.name.Contains("blocks.", StringComparison.Ordinal)
            && targets.Contains(m.name.Split('.')[^1])).Select(m => (AdaptableLinear)m.module);
}
