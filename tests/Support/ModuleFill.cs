using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace SemanticSam.Tests.Support;

/// <summary>Gives every floating-point entry of a module's state dict its deterministic value.</summary>
internal static partial class ModuleFill
{
    /// <summary>Fills a module whose state-dict names, with <paramref name="prefix"/> before them, are those of the reference.</summary>
    public static T Fill<T>(T module, string prefix = "", Func<string, string>? rename = null) where T : nn.Module
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        foreach (var (name, entry) in module.state_dict())
        {
            if (!entry.is_floating_point()) continue;
            string canonical = (rename ?? Canonical)(prefix + name);
            using var values = tensor(DetWeights.Values(canonical, entry.shape), entry.shape);
            entry.copy_(values);
        }
        return module;
    }

    /// <summary>
    /// The alias rule of Semantic-SAM and OpenSeeD: entries that are one shared tensor in the reference take the value of its
    /// first name. Other names come back as they are.
    /// </summary>
    public static string Canonical(string name) =>
        SharedBox().Replace(SharedNorm().Replace(name, "$1decoder_norm."), "$1_bbox_embed.");

    [GeneratedRegex(@"^(.*predictor\.)(?:decoder\.)?bbox_embed\.\d+\.")]
    private static partial Regex SharedBox();

    [GeneratedRegex(@"^(.*predictor\.)decoder\.norm\.")]
    private static partial Regex SharedNorm();
}
