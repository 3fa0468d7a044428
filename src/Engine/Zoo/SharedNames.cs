namespace SemanticSam.Zoo;

/// <summary>Second names of shared tensors in Semantic-SAM and OpenSeeD: the box MLP appears in every decoder layer, the decoder norm twice.</summary>
public static class SharedNames
{
    private const string Predictor = "sem_seg_head.predictor.";

    /// <summary>The canonical name of a tensor when the given one is a second name, else null. For <see cref="Checkpoints.StrictLoaderOptions.CanonicalName"/>.</summary>
    public static string? Canonical(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!name.StartsWith(Predictor, StringComparison.Ordinal)) return null;
        var rest = name.AsSpan(Predictor.Length);
        bool inDecoder = rest.StartsWith("decoder.", StringComparison.Ordinal);
        if (inDecoder) rest = rest["decoder.".Length..];
        if (inDecoder && rest.StartsWith("norm.", StringComparison.Ordinal)) return $"{Predictor}decoder_norm.{rest["norm.".Length..]}";
        if (!rest.StartsWith("bbox_embed.", StringComparison.Ordinal)) return null;
        rest = rest["bbox_embed.".Length..];
        int dot = rest.IndexOf('.');
        return dot > 0 && int.TryParse(rest[..dot], out _) ? $"{Predictor}_bbox_embed.{rest[(dot + 1)..]}" : null;
    }
}
