using SemanticSam.Granularity.RsPrompter;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SemanticSam.Training.Tuning;

/// <summary>AdamW as the released configurations have it.</summary>
internal static class PrompterOptimizer
{
    private const double WeightDecay = 0.05;

    private const string Backbone = "backbone.";

    /// <summary>Of everything that is trained of a prompter.</summary>
    public static AdamW Create(Prompter prompter, double rate)
    {
        foreach (var (name, parameter) in prompter.named_parameters()) parameter.requires_grad_(Trains(prompter.Config, name));
        return optim.AdamW(prompter.parameters().Where(p => p.requires_grad), rate, weight_decay: WeightDecay);
    }

    /// <summary>Of the prompt encoder no more than what the head uses.</summary>
    internal static bool Trains(PrompterConfig config, string name)
    {
        if (name.StartsWith(Backbone, StringComparison.Ordinal)) return !ResNet.IsOfFirstStage(name[Backbone.Length..]);
        if (!name.StartsWith("prompt_encoder.", StringComparison.Ordinal)) return true;
        string used = config.Head == PrompterHead.Query && config.CoarseMasks ? "mask_downscaling." : "no_mask_embed.";
        return name.StartsWith("prompt_encoder." + used, StringComparison.Ordinal);
    }
}
