using static TorchSharp.torch;

namespace SemanticSam.Training.Runs;

/// <summary>
/// Where a training from nothing begins, beyond the layers' own initialization: boxes start at their anchors, projections between
/// queries and text keep lengths, similarities are neither flat nor steep.
/// </summary>
internal static class FreshWeights
{
    private const double LogitScale = 2, TokenDeviation = 0.05, PositionDeviation = 0.02, LevelDeviation = 0.1;

    private static readonly string[] Added = ["prompt_feature", "name_evidence", "shape_prior", "click_quality.layers.2"];

    /// <summary>Strengths of ellipse and fence: as sure as a first guess may be.</summary>
    private static readonly float[] Shape = [2, 4];

    public static void Apply(WeightGroups weights)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        int lastOfBoxHead = weights.Parameters.Keys.Count(n => n.Contains("._bbox_embed.layers.", StringComparison.Ordinal) && n.EndsWith(".weight", StringComparison.Ordinal)) - 1;
        foreach (var (name, parameter) in weights.Parameters)
        {
            if (name.Contains($"._bbox_embed.layers.{lastOfBoxHead}.", StringComparison.Ordinal)) parameter.zero_();
            else if (Added.Any(a => name.Contains($".{a}.", StringComparison.Ordinal)))
            {
                parameter.zero_(); // what is added to a query or to what it says begins as nothing
                if (name.EndsWith(".shape_prior.bias", StringComparison.Ordinal)) parameter.copy_(tensor(Shape));
            }
            else if (name.EndsWith(".class_embed", StringComparison.Ordinal) || name.EndsWith(".class_embed_part", StringComparison.Ordinal)
                || name.EndsWith(".lang_mapper", StringComparison.Ordinal))
                nn.init.normal_(parameter, 0, 1 / Math.Sqrt(parameter.shape[0]));
            else if (name.EndsWith(".logit_scale", StringComparison.Ordinal)) parameter.fill_(LogitScale);
            else if (name.EndsWith(".token_embedding.weight", StringComparison.Ordinal)) nn.init.normal_(parameter, 0, TokenDeviation);
            else if (name.EndsWith(".positional_embedding", StringComparison.Ordinal)) nn.init.normal_(parameter, 0, PositionDeviation);
            else if (name.EndsWith(".level_embed", StringComparison.Ordinal)) nn.init.normal_(parameter, 0, LevelDeviation);
        }
    }
}
