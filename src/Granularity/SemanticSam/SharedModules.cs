using System.Text.RegularExpressions;

namespace SemanticSam.Granularity.SemanticSam;

/// <summary>Modules that a model of the Semantic-SAM family holds under several names; the published checkpoints repeat their tensors.</summary>
internal static partial class SharedModules
{
    [GeneratedRegex(@"\.predictor\.(decoder\.)?bbox_embed\.\d+\.")]
    private static partial Regex BoxHead();

    /// <summary>The one name that stands for all: the box head without a layer, the norm of the predictor; null for a tensor of one name.</summary>
    public static string? CanonicalName(string name)
    {
        string canonical = BoxHead().Replace(name, ".predictor._bbox_embed.").Replace(".predictor.decoder.norm.", ".predictor.decoder_norm.");
        return canonical == name ? null : canonical;
    }
}
